/**
 * @file What every command needs before it runs, straight after a clone. Only Node itself is taken for granted.
 */
import { ensureAdapter } from './adapter.mjs';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { Stop } from './run.mjs';

const OLDEST_NODE = [20, 19];

const assertNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Stop(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
};

/**
 * Whether a script only prints something: that needs no adapter.
 * @param {string[]} args
 */
export const isLookup = (args) => args.some((arg) => ['--help', '-h', '--list', '--chart'].includes(arg));

/** @param {{ adapter?: boolean }} [options] whether to see to a WebGPU adapter as well */
export const prepare = async ({ adapter = true } = {}) => {
  assertNode();
  await ensureDependencies();
  await ensureBuild();
  if (adapter) await ensureAdapter();
};
