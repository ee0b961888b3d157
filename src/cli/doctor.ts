/**
 * @file `doctor`: what this machine has of what the project needs.
 */
import { statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import pc from 'picocolors';
import { requestAdapter, summarise } from '../gpu/adapter.js';
import { formatBytes } from '../gpu/errors.js';
import { locateMnist } from '../data/mnist.js';
import { createGpu } from '../host/node.js';
import { cacheFolder } from '../host/tuningFile.js';
import { mnistCandidates } from './data.js';
import { versions } from './versions.js';

/** Limits that the kernels live within. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
] as const;

const FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'subgroups', 'shader-f16'];

function line(name: string, value: string): void {
  console.log(`${name.padEnd(10)}${value}`);
}

async function describeAdapter(): Promise<boolean> {
  try {
    const adapter = await requestAdapter(createGpu());
    const summary = summarise(adapter.info);
    line('adapter', `${summary.name}${summary.software ? ' (software)' : ''}`);
    line('driver', summary.driver);
    line('features', FEATURES.map((name) => `${name} ${adapter.features.has(name) ? 'yes' : 'no'}`).join(', '));
    const lanes = [summary.subgroupMinSize, summary.subgroupMaxSize];
    if (adapter.features.has('subgroups')) line('', `subgroups of ${[...new Set(lanes)].join(' to ')} lanes`);
    LIMITS.forEach((name, index) => line(index === 0 ? 'limits' : '', `${name} ${adapter.limits[name]}`));
    return true;
  } catch (error) {
    line('adapter', pc.red('none'));
    line('', error instanceof Error ? error.message : String(error));
    line('', 'On Debian or Ubuntu, as root: node scripts/install-adapter.mjs');
    return false;
  }
}

async function describeData(): Promise<void> {
  try {
    line('data', `MNIST in ${await locateMnist({ candidates: mnistCandidates() })}`);
  } catch {
    line(
      'data',
      'no MNIST here: it is downloaded when it is needed, or give --data-dir; else the built-in digits serve',
    );
  }
}

/** The command. Its exit code is 1 where there is no adapter. */
export function doctorCommand(): Command {
  return new Command('doctor').description('tell what this machine has of what training needs').action(async () => {
    const { project, webgpu, node } = versions();
    const [cpu] = cpus();
    line('project', project);
    line('node', `${node} on ${process.platform} ${process.arch}`);
    line('dawn', `npm webgpu ${webgpu}`);
    line('cpu', `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${formatBytes(totalmem())} memory`);
    const found = await describeAdapter();
    await describeData();
    const { bavail, bsize } = statfsSync('.');
    line('disk', `${formatBytes(bavail * bsize)} free here`);
    line('cache', cacheFolder());
    if (!found) process.exitCode = 1;
  });
}
