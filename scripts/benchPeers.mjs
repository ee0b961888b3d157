/** @file `npm run bench:peers`: the engine beside other libraries, which are installed into bench/peers on first use. */
import { basename, join } from 'node:path';
import { dependenciesAreCurrent } from './lib/dependencies.mjs';
import { isLookup, prepare } from './lib/prepare.mjs';
import { ROOT, runMain, runNode, runQuietly } from './lib/run.mjs';

const ensurePeers = async () => {
  const folder = join(ROOT, 'bench', 'peers');
  if (dependenciesAreCurrent(folder)) return;
  console.log('Installing the peers, about 760 MB (npm ci in bench/peers) ...');
  const npm = process.env.npm_execpath;
  const command = npm && basename(npm) === 'npm-cli.js' ? [process.execPath, npm] : ['npm'];
  // onnxruntime-node's install script would download CUDA's libraries, which this benchmark does not use.
  await runQuietly('Installing the peers', [...command, 'ci', '--ignore-scripts', '--prefix', folder], {
    shell: command.length === 1 && process.platform === 'win32',
  });
};

await runMain(async () => {
  const args = process.argv.slice(2);
  const isMeasured = !isLookup(args);
  await prepare({ adapter: isMeasured });
  if (isMeasured) await ensurePeers();
  return runNode(['--import', 'tsx', 'bench/peers/index.ts', ...args]);
});
