/**
 * @file `train`: a GAN on images of digits, into a run folder.
 */
import { Command, Option } from 'commander';
import pc from 'picocolors';
import { Engine } from '../autograd/engine.js';
import { formatBytes } from '../gpu/errors.js';
import { openDevice } from '../host/node.js';
import { tuningFile } from '../host/tuningFile.js';
import { ARCHITECTURES, type ArchitectureName } from '../models/architectures.js';
import { GanTraining } from '../training/ganTraining.js';
import { RunFolder } from '../training/runFolder.js';
import { integer, positive } from './arguments.js';
import { chooseDataset, DATA_KINDS, type DataKind } from './data.js';
import { duration, TrainingProgress } from './progress.js';
import { UsageError } from './usageError.js';
import { versions } from './versions.js';

/** Sizes of a run that go together. A flag that is given outweighs the preset's. */
const PRESETS = {
  /** The published channel counts. */
  standard: { width: 1, batch: 32, iterations: 3000, sampleEvery: 500 },
  /** Recognisable digits within about three minutes on a 2-core software device. */
  quick: { width: 0.5, batch: 32, iterations: 2000, sampleEvery: 250 },
} as const;

interface TrainFlags {
  readonly z: number;
  readonly arch: ArchitectureName;
  readonly preset: keyof typeof PRESETS;
  readonly width?: number;
  readonly iterations?: number;
  readonly batch?: number;
  readonly sampleEvery?: number;
  readonly seed: string;
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly out?: string;
  readonly software?: boolean;
  readonly adapter?: string;
  readonly tune: boolean;
  readonly eager?: boolean;
}

function names(record: object): string[] {
  return Object.keys(record);
}

/** The command with its flags. */
export function trainCommand(): Command {
  return new Command('train')
    .description('train a GAN, and write its losses and pictures into a run folder')
    .addOption(
      new Option('--z <dimension>', 'dimension of the latent variable, 1 to 512')
        .default(100)
        .argParser(integer(1, 512)),
    )
    .addOption(new Option('--arch <name>', 'networks and optimisers').choices(names(ARCHITECTURES)).default('dcgan'))
    .addOption(new Option('--preset <name>', 'sizes that go together').choices(names(PRESETS)).default('standard'))
    .option('--width <factor>', 'scales all channel counts (1 is the published size)', positive(8))
    .option('--iterations <count>', 'updates of the generator', integer(1))
    .option('--batch <images>', 'images a batch', integer(1, 4096))
    .option('--sample-every <iterations>', 'pictures are drawn this often', integer(1))
    .option('--seed <text>', 'the same seed on the same device gives the same bits', '1')
    .addOption(
      new Option('--data <kind>', 'mnist, the built-in digits, or the former where it can be had')
        .choices(DATA_KINDS)
        .default('auto'),
    )
    .addOption(new Option('--data-dir <folder>', "folder of MNIST's four IDX files, gzipped or plain"))
    .option('--out <folder>', 'the run folder; by default one in runs/ is made up')
    .option('--software', 'use a software device')
    .option('--adapter <name>', 'use the adapter whose name holds this')
    .option('--no-tune', 'take fixed kernels instead of measuring which are fastest')
    .option('--eager', 'run kernel by kernel instead of replaying a recording (same bits, slower)')
    .addHelpText('after', '\nExample:\n  node dist/cli train --z 100 --data-dir path/to/mnist --iterations 1000')
    .action((flags: TrainFlags) => train(flags));
}

function say(line: string, important = false): void {
  console.log(important ? pc.bold(pc.yellow(line)) : line);
}

function defaultFolder({ z, arch }: TrainFlags): string {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  return `runs/${stamp}-${arch}-z${z}`;
}

async function train(flags: TrainFlags): Promise<void> {
  if (flags.data === 'digits' && flags.dataDir !== undefined) {
    throw new UsageError('--data digits draws its images, and takes no --data-dir');
  }
  const preset = PRESETS[flags.preset];
  const options = {
    architecture: flags.arch,
    zDim: flags.z,
    width: flags.width ?? preset.width,
    batch: flags.batch ?? preset.batch,
    iterations: flags.iterations ?? preset.iterations,
    sampleEvery: flags.sampleEvery ?? preset.sampleEvery,
    seed: flags.seed,
    eager: flags.eager ?? false,
  };
  if (flags.arch === 'article' && options.batch % 2 !== 0) {
    throw new UsageError(
      `--batch ${options.batch}: --arch article trains on two halves of a batch, so it takes an even one`,
    );
  }
  const dataset = await chooseDataset({ kind: flags.data, folder: flags.dataDir, seed: flags.seed, say });
  const device = await openDevice({
    software: flags.software ?? false,
    ...(flags.adapter === undefined ? {} : { name: flags.adapter }),
  });
  let progress: TrainingProgress | undefined;
  try {
    const engine = new Engine(device, { measure: flags.tune, store: tuningFile() });
    const training = new GanTraining(engine, dataset, options);
    const folder = new RunFolder(flags.out ?? defaultFolder(flags), dataset);
    say(`device  ${device.adapter.name} (${device.adapter.driver})`);
    say(`data    ${dataset.name}, ${dataset.count} images`);
    say(`run     ${folder.path}`);
    const { generator, discriminator } = training.gan;
    say(
      `model   ${flags.arch}, z ${options.zDim}, width ${options.width}: ` +
        `${generator.parameterCount.toLocaleString('en')} + ${discriminator.parameterCount.toLocaleString('en')} numbers`,
    );
    const describe = (outcome: Record<string, string | number>): void => {
      folder.writeRun({
        ...options,
        preset: flags.preset,
        tuned: flags.tune,
        dataset: { name: dataset.name, count: dataset.count, sha256: dataset.sha256 },
        parameters: { generator: generator.parameterCount, discriminator: discriminator.parameterCount },
        adapter: { name: device.adapter.name, driver: device.adapter.driver },
        versions: versions(),
        kernels: Object.fromEntries(engine.tuner.chosen),
        ...outcome,
      });
    };
    const started = new Date();
    describe({ started: started.toISOString() });

    let pictures = { fixed: '', fresh: '' };
    await training.run({
      tuning: (done, total, problem) => {
        if (done === 0) say('measuring kernels for this device (once; the choice is remembered) ...');
        if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K  ${done + 1}/${total} ${problem}`);
        if (process.stdout.isTTY && done + 1 === total) process.stdout.write('\r\x1b[K');
      },
      ready: (memory) => {
        if (memory !== undefined) {
          const bytes = device.pool.bytes;
          say(`memory  ${formatBytes(bytes)} on the GPU, of which ${formatBytes(memory.allocatedBytes)} for the step`);
        }
        say('the first iteration waits for the driver to compile the kernels ...');
        progress = new TrainingProgress(options.iterations, console.log, process.stdout.isTTY);
      },
      metrics: (first, rows) => {
        folder.appendMetrics(first, rows);
        progress?.update(first + rows.length - 1, rows);
      },
      samples: (samples) => {
        pictures = folder.writeSamples(samples);
      },
    });
    progress?.stop();
    const finished = new Date();
    const rate = progress?.iterationsPerSecond;
    describe({
      started: started.toISOString(),
      finished: finished.toISOString(),
      ...(rate === undefined ? {} : { iterationsPerSecond: rate }),
    });
    const seconds = (finished.getTime() - started.getTime()) / 1000;
    say(`${options.iterations} iterations in ${duration(seconds)}. The pictures are in ${pc.bold(folder.images)}:`);
    say(`  ${pictures.fixed}  from the z that were the same all along`);
    say(`  ${pictures.fresh}  from new z`);
    training.dispose();
  } finally {
    progress?.stop();
    device.destroy();
  }
}
