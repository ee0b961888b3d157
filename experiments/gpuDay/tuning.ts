/**
 * @file Measures every tile for every product of the networks' training steps, and stores the fastest in the user's cache.
 *
 *     node --import tsx experiments/gpuDay/tuning.ts --json PATH    times to PATH, after each product; products that PATH
 *                                                                   holds already are not measured again
 */
import seedrandom from 'seedrandom';
import { misuse, parseFlags } from '../../bench/support/flags.js';
import { writeJson } from '../../bench/support/report.js';
import { Engine } from '../../src/autograd/engine.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { Gan } from '../../src/gan/gan.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { productSize, type TileChoices } from '../../src/kernels/gemm/choices.js';
import { candidates, fixedTile } from '../../src/kernels/gemm/tiles.js';
import { type Architecture, ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { Z_DIMS } from '../../src/study/plan/studyPlan.js';
import { dcganOfSide } from '../growth/networks.js';
import { bestTile, readTuning, type TunedProduct } from './results.js';

interface Step {
  readonly title: string;
  readonly architecture: Architecture;
  readonly objective?: ObjectiveOptions;
  readonly zDim?: number;
  readonly width?: number;
  readonly batch?: number;
  readonly side?: number;
  readonly channels?: number;
}

const { dcgan, article } = ARCHITECTURES;

/** In order of worth. Products that an earlier step has had are measured once. */
const STEPS: readonly Step[] = [
  { title: 'article', architecture: article },
  { title: 'dcgan', architecture: dcgan },
  ...Z_DIMS.map((zDim) => ({ title: `article, z ${zDim}`, architecture: article, zDim })),
  { title: 'dcgan, half width', architecture: dcgan, width: 0.5 },
  { title: 'dcgan on stacked images, batch 64', architecture: dcgan, batch: 64, channels: 3 },
  { title: 'dcgan, packs of 2', architecture: dcgan, batch: 64, channels: 3, objective: { pack: 2 } },
  { title: 'dcgan, wgan-gp', architecture: dcgan, objective: { loss: 'wgan-gp' } },
  { title: 'article, wgan-gp', architecture: article, objective: { loss: 'wgan-gp' } },
  { title: 'dcgan on 64×64', architecture: dcganOfSide(64), side: 64 },
  { title: 'dcgan, batch 128', architecture: dcgan, batch: 128 },
  { title: 'dcgan, double width', architecture: dcgan, width: 2 },
];

const { values } = parseFlags(import.meta.url, { options: { json: { type: 'string' } } });
if (values.json === undefined) misuse('--json names the file of the results');
const path = values.json;

const device = await openDevice();
const adapter = device.adapter.key;
const cache = tuningFile();
const products: TunedProduct[] = [...(readTuning(path)?.products ?? [])];
const choices = (): TileChoices => {
  return new Map(
    products.map((product) => {
      const { name, operand, rows, columns, inner } = product;
      return [name, { tile: bestTile(product), operand, rows, columns, inner }];
    }),
  );
};

/** Writes the times, and the choices into the cache for all later parts: the process may be ended at any time. */
function write(): void {
  writeJson(path, { date: new Date().toISOString(), adapter, products });
  cache.save(adapter, choices());
}

const engine = new Engine(device, {
  measure: true,
  exhaustive: true,
  budgetMs: Infinity,
  store: { load: choices, save: () => undefined },
  measured: (problem, times) => {
    products.push({
      name: problem.name,
      ...productSize(problem),
      multiplyAdds: problem.multiplyAdds,
      likely: candidates(problem, device).map(({ name }) => name),
      fixed: fixedTile(problem, device).name,
      times: Object.fromEntries(times),
    });
    write();
    const [[tile, ms] = ['none', NaN]] = times;
    console.log(`  ${problem.name}: ${tile}, ${ms.toFixed(3)} ms, the best of ${times.size}`);
  },
});

write();
for (const { title, architecture, objective, zDim = 100, width = 1, batch = 32, side = 28, channels = 1 } of STEPS) {
  console.log(`${title}:`);
  const gan = new Gan(engine, {
    ...{ architecture, objective, zDim, width, batch, imageHeight: side, imageWidth: side, channels },
    ...{ seed: 1, random: seedrandom('tuning'), ringCapacity: 16 },
  });
  await engine.prepare((): undefined => {
    gan.step();
  });
  gan.dispose();
  device.pool.trim();
}
device.destroy();
