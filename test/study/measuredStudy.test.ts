/**
 * @file Tests the command `study` on the built-in digits, with measurements by the bundled classifier.
 *
 * @expensive trains and measures the runs of a study
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Measurement } from '../../src/study/measure/measurement.js';
import { Results } from '../../src/study/measure/results.js';
import { bundledClassifier } from '../../src/training/checkpoint/trainedClassifier.js';
import { type Ending, zdim } from '../cli/run.js';
import { slow } from '../support/slow.js';

const root = mkdtempSync(join(tmpdir(), 'measured-study-'));
test.after(() => rmSync(root, { recursive: true }));

const folder = join(root, 'study');

let made: Ending | undefined;

/** The study, made once. */
async function study(): Promise<Ending> {
  const sizes = ['--iterations', '2', '--sample-every', '1', '--width', '0.05', '--batch', '4', '--seeds', '1'];
  const words = ['--data', 'digits', '--samples', '100', '--z', '2,1', ...sizes, '--no-tune', '--out', folder];
  made ??= await zdim(['study', ...words]);
  return made;
}

function measurementOf(path: string, run: string): Measurement {
  return Measurement.parse(JSON.parse(readFileSync(join(path, 'measurements', `${run}.json`), 'utf8')));
}

function resultsOf(path: string): Results {
  return Results.parse(JSON.parse(readFileSync(join(path, 'results.json'), 'utf8')));
}

slow(
  'each run is measured by the bundled classifier, and gets a verdict; memorising and the change of fixed z are measured',
  async () => {
    const { code, stdout, stderr } = await study();
    assert.is(code, 0, stderr);
    assert.match(stdout, /^measuring z2-seed1 \(2 left\)/m);
    const file = readFileSync(bundledClassifier('digits') ?? '');
    const sha256 = createHash('sha256').update(file).digest('hex');
    for (const [run, zDim] of [
      ['z2-seed1', 2],
      ['z1-seed1', 1],
    ] as const) {
      const { checkpoint, classifier, diagnosis } = measurementOf(folder, run);
      assert.equal([checkpoint.iteration, diagnosis.iteration, diagnosis.samples], [2, 2, 100]);
      assert.is(classifier.sha256, sha256);
      assert.type(classifier.accuracy, 'number');
      assert.type(diagnosis.metrics.memorised, 'number');
      assert.type(diagnosis.metrics.switched, 'number');
      assert.type(diagnosis.metrics.gap, 'number');
      assert.is(diagnosis.singularValues?.length, zDim);
    }
    const { runs, classifier } = resultsOf(folder);
    assert.is(classifier?.sha256, sha256);
    for (const { name, verdict, metrics, evaluations, complaints } of runs) {
      assert.type(verdict, 'string', name);
      assert.type(metrics?.memorised, 'number');
      assert.equal([evaluations.map(({ iteration }) => iteration), complaints], [[1, 2], []]);
    }
    const figures = readdirSync(join(folder, 'figures'));
    for (const name of ['dimensions', 'training', 'training-signs', 'spectrum', 'histogram-z1']) {
      assert.ok(figures.includes(`${name}.svg`), name);
    }
  },
);

slow(
  'a damaged last checkpoint is reported with code 1; the run is trained again after it was moved away',
  async () => {
    await study();
    const copy = join(root, 'copy');
    cpSync(folder, copy, { recursive: true });
    const run = join(copy, 'runs', 'z2-seed1');
    truncateSync(join(run, 'checkpoints', '000002.safetensors'), 1000);
    rmSync(join(copy, 'measurements', 'z2-seed1.json'));
    const { code, stdout, stderr } = await zdim(['study', '--out', copy, '--no-tune']);
    assert.is(code, 1, stderr);
    assert.match(
      stdout,
      /z2-seed1: not measured: .*checkpoint of iteration 2, its last: .*Move the run away to train it again$/m,
    );
    assert.equal(
      resultsOf(copy).runs.map(({ metrics }) => metrics === null),
      [true, false],
    );
    renameSync(run, join(root, 'moved away'));
    const again = await zdim(['study', '--out', copy, '--no-tune']);
    assert.is(again.code, 0, again.stderr);
    assert.equal(measurementOf(copy, 'z2-seed1').diagnosis, measurementOf(folder, 'z2-seed1').diagnosis);
  },
);

test.run();
