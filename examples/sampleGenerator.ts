/**
 * @file Loads a generator from a run's folder and draws a digit from a random z.
 *
 * Run: npx tsx examples/sampleGenerator.ts runs/RUN
 */
import { drawZ, Engine } from 'zdim-gan-lab';
import { findCheckpoint, openDevice, TrainedGenerator } from 'zdim-gan-lab/node';

const [, , run] = process.argv;
if (run === undefined) {
  console.error('usage: npx tsx examples/sampleGenerator.ts runs/RUN');
  process.exit(2);
}

const device = await openDevice();
const engine = new Engine(device);

// The newest usable checkpoint. It describes its own network, so the dataset is not needed.
const { checkpoint } = findCheckpoint(run);
const generator = TrainedGenerator.load(engine, checkpoint);

const z = drawZ(1, generator.zDim, 'example');
const image = await generator.images(z, generator.isConditional ? [7] : undefined);

const SIDE = 28;
const SHADES = ' .:-=+*#%@';
for (let row = 0; row < SIDE; row += 2) {
  const pixels = Array.from(image.subarray(row * SIDE, (row + 1) * SIDE));
  console.log(pixels.map((value) => SHADES[Math.min(9, Math.floor(5 * (value + 1)))] ?? ' ').join(''));
}
console.log(`z_dim ${generator.zDim}, iteration ${checkpoint.iteration}`);
generator.dispose();
device.destroy();
