/**
 * @file Measures anew which tiles are fastest on this machine's adapter, for the training steps of all architectures.
 *
 *     npm run tune                        at width 1 and 0.5; the choices go into the user's cache
 *     npm run tune -- dcgan/0.5           only those whose name contains one of the words
 *     npm run tune -- --write             also into assets/tuning.json, which the package ships: new choices replace old ones
 *     npm run tune -- --adapter NAME      this adapter instead of Dawn's first
 *
 * Run it on a machine that does nothing else.
 */
import { writeFileSync } from 'node:fs';
import { Engine } from '../src/autograd/engine.js';
import type { AdapterChoices, TileChoices, TunedAdapter } from '../src/kernels/gemm/choices.js';
import { readChoices, SHIPPED_CHOICES, tuningOf } from '../src/host/node/tuningFile.js';
import { ARCHITECTURES, type ArchitectureName } from '../src/models/networks/architectures.js';
import { makeGan, stepOf } from './step/step.js';
import { openBenchDevice } from './support/bench.js';
import { misuse, parseFlags } from './support/flags.js';

const WIDTHS = [1, 0.5];

const { values, positionals: words } = parseFlags(import.meta.url, {
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const architectures: readonly string[] = Object.keys(ARCHITECTURES);
const steps = architectures
  .filter((name): name is ArchitectureName => name in ARCHITECTURES)
  .flatMap((name) => WIDTHS.map((width) => ({ name, width, title: `${name}/${width}` })))
  .filter(({ title }) => words.length === 0 || words.some((word) => title.includes(word)));
if (steps.length === 0) misuse(`no step's name holds ${words.join(' or ')}`);

const device = await openBenchDevice({ adapter: values.adapter });
// A step can have many products, and each is worth its second.
const engine = new Engine(device, { ...tuningOf(device.adapter, true), budgetMs: Infinity });
console.log(`adapter ${device.adapter.name} (${device.adapter.driver})`);
for (const { name, width, title } of steps) {
  const gan = makeGan(engine, name, width);
  await engine.prepare(stepOf(gan), (done, total, problem) => console.log(`${title} ${done + 1}/${total} ${problem}`));
  gan.dispose();
}
for (const [problem, { tile }] of engine.tuner.chosen) console.log(`${tile.padEnd(24)} ${problem}`);
if (values.write) {
  writeFileSync(SHIPPED_CHOICES, textOf(merged(readChoices(), device.adapter, engine.tuner.chosen)));
  console.log(`wrote ${SHIPPED_CHOICES}`);
}
device.destroy();

/** Replaces the choices of an adapter; those of problems that were not measured now stay. */
function merged(all: readonly AdapterChoices[], adapter: TunedAdapter, choices: TileChoices): AdapterChoices[] {
  const isSame = (other: AdapterChoices): boolean => {
    return other.adapter.name === adapter.name && other.adapter.driver === adapter.driver;
  };
  const before = all.find(isSame)?.choices ?? new Map();
  return [...all.filter((each) => !isSame(each)), { adapter, choices: new Map([...before, ...choices]) }];
}

/** A line for each choice. */
function textOf(all: readonly AdapterChoices[]): string {
  const entries = all.map(({ adapter, choices }) => {
    const { name, vendor, architecture, driver, subgroupMinSize, subgroupMaxSize } = adapter;
    const about = { name, vendor, architecture, driver, subgroupMinSize, subgroupMaxSize };
    const lines = [...choices].map(([problem, choice]) => `    ${JSON.stringify(problem)}: ${JSON.stringify(choice)}`);
    return `  {\n   "adapter": ${JSON.stringify(about)},\n   "choices": {\n${lines.join(',\n')}\n   }\n  }`;
  });
  return `{\n "adapters": [\n${entries.join(',\n')}\n ]\n}\n`;
}
