/**
 * @file `doctor`: reports what this machine has of what the project needs.
 */
import { existsSync, statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { locateMnist } from '../../datasets/mnist.js';
import { mnistCandidates } from '../../datasets/open.js';
import { requestAdapter, summarise } from '../../gpu/adapter.js';
import { formatBytes } from '../../gpu/errors.js';
import { packageFile, scriptLine } from '../../host/node/commandLine.js';
import { cacheFolder } from '../../host/node/tuningFile.js';
import { versions } from '../../host/node/versions.js';
import { Output } from '../terminal/output.js';
import { style } from '../terminal/style.js';

/** Limits of the kernels. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
] as const;

const FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'subgroups', 'shader-f16'];

/** The adapter for training. */
interface AdapterFacts {
  readonly name: string;
  readonly driver: string;
  readonly software: boolean;
  readonly features: Readonly<Record<string, boolean>>;
  /** Minimum and maximum number of lanes, if there are subgroups. */
  readonly subgroups?: readonly [number, number];
  readonly limits: Readonly<Record<string, number>>;
}

interface Facts {
  readonly project: string;
  readonly node: { readonly version: string; readonly platform: string; readonly arch: string };
  readonly dawn: string;
  readonly cpu: { readonly cores: number; readonly model: string; readonly memoryBytes: number };
  readonly adapter: AdapterFacts | null;
  /** Why there is no adapter. */
  readonly problem?: string;
  /** The folder of MNIST; null if it is not on this machine. */
  readonly mnist: string | null;
  readonly freeDiskBytes: number;
  readonly cache: string;
}

async function adapterFacts(): Promise<AdapterFacts> {
  const { createGpu } = await import('../../host/node/device.js');
  const { info, features, limits } = await requestAdapter(createGpu());
  const { name, driver, software, subgroupMinSize, subgroupMaxSize } = summarise(info);
  return {
    name,
    driver,
    software,
    features: Object.fromEntries(FEATURES.map((feature) => [feature, features.has(feature)])),
    ...(features.has('subgroups') ? { subgroups: [subgroupMinSize, subgroupMaxSize] as const } : {}),
    limits: Object.fromEntries(LIMITS.map((limit) => [limit, limits[limit]])),
  };
}

async function gather(): Promise<Facts> {
  const { project, webgpu, node } = versions();
  const [cpu] = cpus();
  let adapter: AdapterFacts | null = null;
  let problem: string | undefined;
  try {
    adapter = await adapterFacts();
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  const { bavail, bsize } = statfsSync('.');
  return {
    project,
    node: { version: node, platform: process.platform, arch: process.arch },
    dawn: webgpu,
    cpu: { cores: cpus().length, model: cpu?.model.trim() ?? 'unknown', memoryBytes: totalmem() },
    adapter,
    ...(problem === undefined ? {} : { problem }),
    mnist: await locateMnist({ candidates: mnistCandidates() }).catch(() => null),
    freeDiskBytes: bavail * bsize,
    cache: cacheFolder(),
  };
}

function line(name: string, value: string): string {
  return `${name.padEnd(10)}${value}`;
}

/** A package from a registry has no scripts of the project. */
function adapterAdvice(): string {
  const script = packageFile('scripts/install-adapter.mjs');
  if (existsSync(script)) return `On Debian or Ubuntu, as root: ${scriptLine(script)}`;
  return 'Install a Vulkan driver, or Mesa’s software device (mesa-vulkan-drivers 25 or newer)';
}

function adapterLines({ adapter, problem }: Facts): string[] {
  if (adapter === null) {
    return [line('adapter', style.red('none')), line('', problem ?? ''), line('', adapterAdvice())];
  }
  const { name, driver, software, features, subgroups, limits } = adapter;
  const present = Object.entries(features).map(([feature, has]) => `${feature} ${has ? 'yes' : 'no'}`);
  return [
    line('adapter', `${name}${software ? ' (software)' : ''}`),
    line('driver', driver),
    line('features', present.join(', ')),
    ...(subgroups === undefined ? [] : [line('', `subgroups of ${[...new Set(subgroups)].join(' to ')} lanes`)]),
    ...Object.entries(limits).map(([limit, value], index) => line(index === 0 ? 'limits' : '', `${limit} ${value}`)),
  ];
}

function lines(facts: Facts): string[] {
  const { project, node, dawn, cpu, mnist, freeDiskBytes, cache } = facts;
  const without =
    'no MNIST here: it is downloaded when needed, or pass --data-dir; without it the built-in digits are used';
  return [
    line('project', project),
    line('node', `${node.version} on ${node.platform} ${node.arch}`),
    line('dawn', `npm webgpu ${dawn}`),
    line('cpu', `${cpu.cores} × ${cpu.model}, ${formatBytes(cpu.memoryBytes)} memory`),
    ...adapterLines(facts),
    line('data', mnist === null ? without : `MNIST in ${mnist}`),
    line('disk', `${formatBytes(freeDiskBytes)} free here`),
    line('cache', cache),
  ];
}

/** The command. Its exit code is 1 without an adapter. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('report the adapter, the data and the versions on this machine')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText('after', '\nExample:\n  node dist/cli doctor')
    .action(async (flags: { json?: boolean }) => {
      const facts = await gather();
      new Output(flags.json === true).result(facts, () => lines(facts));
      if (facts.adapter === null) process.exitCode = 1;
    });
}
