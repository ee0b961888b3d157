/**
 * @file The browser-safe core: it is bundled for a browser without stand-ins for Node's modules.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Files that a browser runs: the package's entries for it, and the training loop that a browser's storage plugs into. */
const ENTRIES = ['index.ts', 'browser.ts', 'models.ts', 'evaluation.ts', 'training/trainer.ts'].map(
  (file) => `src/${file}`,
);

async function bundle(entry: string): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    // Refuses `node:` imports, and Node's modules by their old names as well.
    platform: 'browser',
    target: 'es2023',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}

for (const entry of ENTRIES.filter((file) => existsSync(`${ROOT}${file}`))) {
  test(`${entry} is bundled for a browser without a Node module`, async () => {
    const { text, inputs } = await bundle(entry);
    assert.not.match(text, /\bfrom\s*["']node:|\brequire\(["']/);
    const nodeOnly = inputs.filter((path) => /^src\/(files|figures|host\/node|datasets|study|cli)\//.test(path));
    assert.equal(nodeOnly, []);
  });
}

test('a module of Node in the bundle is refused', async () => {
  const error = await bundle('src/files/atomic.ts').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.match(String(error), /Could not resolve "node:/);
});

test.run();
