/**
 * @file Starts headless Chromium on a page that runs a peer (page.ts), and exchanges frames with it over HTTP on localhost.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { decode, encode } from '../process/frames.js';
import type { StartLink } from '../process/link.js';
import type { Answer, Request } from '../process/protocol.js';

/** WebGPU on SwiftShader; without a display, and as root. */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu-watchdog',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

const DEFAULT_COMMAND = 'chromium';

/** tfjs as its users load it. */
const LIBRARIES = {
  '/tf.js': '@tensorflow/tfjs/dist/tf.min.js',
  '/tf-webgpu.js': '@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js',
} as const;

export const startChromium: StartLink = async (name, { chromium = DEFAULT_COMMAND }, onAnswer) => {
  const waiting: Request[] = [];
  let respond: ((request: Request) => void) | undefined;
  const files = filesOf(name === 'tfjs-chromium');
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/request') {
      respond = (next) => {
        respond = undefined;
        response.end(encode(next));
      };
      const next = waiting.shift();
      if (next !== undefined) respond(next);
    } else if (pathname === '/answer') {
      void bodyOf(request).then((body) => {
        response.end();
        onAnswer(decode(body) as Answer);
      });
    } else {
      const file = files[pathname];
      response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': file?.type ?? 'text/plain' });
      response.end(file?.text());
    }
  });
  const profile = mkdtempSync(join(tmpdir(), 'peers-chromium-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const page = `http://localhost:${port}/?${name}`;
  const child = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`, page], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = (): void => {
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  child.once('exit', close);
  child.once('error', close);
  return {
    child,
    send: (request) => {
      if (respond === undefined) waiting.push(request);
      else respond(request);
    },
  };
};

interface ServedFile {
  readonly type: string;
  readonly text: () => string;
}

function filesOf(withTfjs: boolean): Readonly<Record<string, ServedFile>> {
  const script = (text: () => string): ServedFile => ({ type: 'text/javascript', text });
  const libraries = withTfjs ? Object.entries(LIBRARIES) : [];
  const tags = [
    ...libraries.map(([path]) => `<script src="${path}"></script>`),
    '<script type="module" src="/page.js"></script>',
  ];
  return {
    '/': { type: 'text/html', text: () => `<!doctype html><meta charset="utf-8"><title>peer</title>${tags.join('')}` },
    '/page.js': script(bundle),
    ...Object.fromEntries(
      libraries.map(([path, file]) => {
        return [path, script(() => readFileSync(new URL(`../node_modules/${file}`, import.meta.url), 'utf8'))];
      }),
    ),
  };
}

function bundle(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
