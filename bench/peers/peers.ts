/**
 * @file Lists the peers, and opens them. This file is loaded in every peer's process, a peer's package only in its own.
 */
import { openJax } from './jax/jax.js';
import { openOnnxNode, openOnnxWeb } from './onnx/onnx.js';
import { startChromium } from './chromium/link.js';
import { openOurs } from './engine/engine.js';
import type { Peer, PeerOptions } from './peer.js';
import type { StartLink } from './process/link.js';
import { startPyTorch } from './pytorch/link.js';
import { openTfjs } from './tfjs/tfjs.js';

export interface PeerEntry {
  /** In tables and charts. */
  readonly title: string;
  /** Packages whose versions are told. */
  readonly packages: readonly string[];
  /** Computes on the same adapter, by WebGPU. */
  readonly webgpu: boolean;
  /** Keeps a core busy while it has nothing to do, so it is stopped (SIGSTOP) when it is not its turn. */
  readonly restless?: boolean;
  /** Opens it in a process of Node. */
  readonly open?: (options: PeerOptions) => Promise<Peer>;
  /** Starts the process of a peer that does not run in Node. */
  readonly link?: StartLink;
}

export const OURS = 'ours';

export const PEERS: Readonly<Record<string, PeerEntry>> = {
  [OURS]: { title: 'zdim-gan-lab', packages: [], webgpu: true, open: openOurs },
  'tfjs-webgpu': {
    title: 'tfjs WebGPU',
    packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'],
    webgpu: true,
    open: (options) => openTfjs('webgpu', options),
  },
  'jax-js': { title: 'jax-js WebGPU', packages: ['@jax-js/jax'], webgpu: true, open: openJax },
  'ort-web': {
    title: 'ORT-web WebGPU',
    packages: ['onnxruntime-web'],
    webgpu: true,
    restless: true,
    open: openOnnxWeb,
  },
  'ort-webgpu': {
    title: 'ORT-node WebGPU',
    packages: ['onnxruntime-node'],
    webgpu: true,
    open: () => openOnnxNode('webgpu'),
  },
  'tfjs-wasm': {
    title: 'tfjs WASM',
    packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'],
    webgpu: false,
    open: (options) => openTfjs('wasm', options),
  },
  'ort-cpu': {
    title: 'ORT-node CPU',
    packages: ['onnxruntime-node'],
    webgpu: false,
    open: () => openOnnxNode('cpu'),
  },
  pytorch: { title: 'PyTorch CPU', packages: [], webgpu: false, restless: true, link: startPyTorch },
  'pytorch-openblas': { title: 'PyTorch OpenBLAS', packages: [], webgpu: false, restless: true, link: startPyTorch },
  'ours-chromium': { title: 'zdim-gan-lab, Chromium', packages: [], webgpu: true, link: startChromium },
  'tfjs-chromium': {
    title: 'tfjs WebGPU, Chromium',
    packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'],
    webgpu: true,
    link: startChromium,
  },
};
