/**
 * @file Compares recipes of the default DCGAN: trains each with the same seeds, and measures the images.
 *
 *     node --import tsx experiments/recipe/index.ts --data-dir path/to/mnist
 *
 * Writes docs/recipe.json after each training and docs/recipe.md at the end, with experiments/recipe/screening.json beside the
 * new results. A training whose result is already there is not repeated. Flags:
 *
 *     --recipe NAME       only this recipe of recipes.ts; repeatable
 *     --z 100,10,2        dimensions of z; default 100
 *     --seeds 1,2,3       seeds; default 1
 *     --iterations N      iterations; default those of the preset quick
 *     --samples N         images of an evaluation; default 10,000
 *     --classifier FILE   classifier of the evaluations, for a dataset that the project has none for
 *     --page              only writes the page again
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { Engine } from '../../src/autograd/engine.js';
import { openDataset } from '../../src/datasets/open.js';
import { Evaluator } from '../../src/evaluation/evaluator.js';
import { parseDescribed } from '../../src/files/describedJson.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { bundledClassifier, loadClassifier } from '../../src/training/checkpoint/trainedClassifier.js';
import { GanTraining } from '../../src/training/gan/ganTraining.js';
import { PRESETS } from '../../src/training/run/presets.js';
import { Trainer } from '../../src/training/trainer.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';
import { pageOf } from './page.js';
import { RECIPES } from './recipes.js';
import { COMPARED, Results } from './results.js';

const OUT = 'docs/recipe';
const SCREENING = 'experiments/recipe/screening.json';
const SCREENED =
  'The same networks, initial distributions, losses and metrics in PyTorch, which is faster on this CPU. The classifier is the ' +
  "project's; the random numbers are PyTorch's. Rates are factors on 1e-3 for the generator and 4e-4 for the discriminator. " +
  '“Decay” is linear to 0. “Third convolution” is one more of stride 2 with 128 channels in place of the dense layer. The ' +
  'recipe was chosen by seed 1 at z 100 and 1,500 iterations. The rows of a third convolution, and of further settings beside 256 ' +
  'hidden units, come from an earlier order of random draws; the script gives other numbers for them. Run by';

const { quick } = PRESETS;
const { values } = parseFlags(import.meta.url, {
  options: {
    'data-dir': { type: 'string' },
    recipe: { type: 'string', multiple: true, default: [...RECIPES.keys()] },
    z: { type: 'string', default: '100' },
    seeds: { type: 'string', default: '1' },
    iterations: { type: 'string', default: String(quick.iterations) },
    samples: { type: 'string', default: '10000' },
    classifier: { type: 'string' },
    page: { type: 'boolean', default: false },
  },
});
const folder = values['data-dir'];
const [iterations, samples] = [Number(values.iterations), Number(values.samples)];
const results = read(`${OUT}.json`) ?? { commands: [], device: '', rows: [] };

if (!values.page) {
  if (folder === undefined) misuse('--data-dir is required: the folder of the four files');
  await measure(folder);
}
await writePage();

async function measure(from: string): Promise<void> {
  const { dataset } = await openDataset({ folder: from });
  const file = values.classifier ?? bundledClassifier(dataset.name);
  if (file === undefined) misuse(`--classifier is required: the project has none for ${dataset.name}`);
  const device = await openDevice();
  const engine = new Engine(device, { store: tuningFile() });
  const evaluator = await Evaluator.create(engine, loadClassifier(engine, file).model, dataset, { samples });
  for (const zDim of values.z.split(',').map(Number)) {
    for (const seed of values.seeds.split(',')) {
      for (const recipe of values.recipe) {
        const {
          objective,
          width = quick.width,
          batch = quick.batch,
        } = RECIPES.get(recipe) ?? misuse(`no recipe ${recipe}`);
        const known = { recipe, dataset: dataset.name, zDim, seed, iterations, samples };
        if (results.rows.some((row) => isDeepStrictEqual({ ...row, ...known }, row))) continue;
        const sizes = { architecture: quick.architecture, zDim, width, batch, seed };
        const training = new GanTraining(engine, dataset, { ...sizes, objective, iterations, sampleEvery: iterations });
        const { outcome } = await new Trainer(training).run();
        if (outcome !== 'finished') throw new Error(`${recipe}, z ${zDim}, seed ${seed}: ${outcome}`);
        const subject = await evaluator.subject(training.gan.samplingGenerator, zDim);
        const { diagnosis } = await evaluator.evaluate(subject, { iteration: iterations, before: [], training: null });
        subject.dispose();
        training.dispose();
        const found = COMPARED.map((name) => [name, diagnosis.metrics[name]] as const);
        const row = Results.shape.rows.element.parse({ ...known, ...Object.fromEntries(found) });
        console.log(JSON.stringify(row));
        results.rows.push(row);
        if (!results.commands.includes(commandOf())) results.commands.push(commandOf());
        results.device = device.adapter.name;
        writeFileSync(`${OUT}.json`, await pretty(JSON.stringify(results), 'json'));
      }
    }
  }
  device.destroy();
}

async function writePage(): Promise<void> {
  const screening = read(SCREENING);
  const parts = [
    ...(results.rows.length === 0 ? [] : [{ title: 'This project', about: 'Trained and evaluated by', results }]),
    ...(screening === undefined ? [] : [{ title: 'Screening', about: SCREENED, results: screening }]),
  ];
  writeFileSync(`${OUT}.md`, await pretty(pageOf(parts), 'markdown'));
}

/** Reads a file of results; undefined if there is none. @throws Error for a damaged one */
function read(path: string): Results | undefined {
  if (!existsSync(path)) return undefined;
  const found = parseDescribed(Results, readFileSync(path, 'utf8'), 'file of results');
  if ('problem' in found) throw new Error(`${path} ${found.problem}`, { cause: found.cause });
  return found.value;
}

async function pretty(text: string, parser: string): Promise<string> {
  return format(text, { ...(await resolveConfig(`${OUT}.json`)), parser });
}

/** The command without this machine's folders. */
function commandOf(): string {
  const { classifier, recipe, z, seeds, iterations: count, samples: images } = values;
  const words = Object.entries({ z, seeds, iterations: count, samples: images }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const only = recipe.length === RECIPES.size ? [] : recipe.flatMap((name) => ['--recipe', `'${name}'`]);
  const judge = classifier === undefined ? [] : ['--classifier', `path/to/${basename(classifier)}`];
  return ['node --import tsx experiments/recipe/index.ts --data-dir path/to/data', ...only, ...words, ...judge].join(
    ' ',
  );
}
