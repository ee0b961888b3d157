/**
 * @file The WebGPU adapter: used where there is one; where there is none, a software device is installed or advised.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Stop } from './run.mjs';
import { installSoftwareDevice, softwareDevice } from './software-device.mjs';

/** @typedef {import('./adapter-probe.mjs').Probe} Probe */

const PROBE = fileURLToPath(new URL('adapter-probe.mjs', import.meta.url));

/**
 * @param {string} output
 * @param {string} complaints what Dawn and the Vulkan loader wrote to stderr
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 * @returns {Probe}
 */
const readProbe = (output, complaints, code, signal) => {
  // Dawn prints these lines on many drivers; they are harmless.
  const withoutNoise = complaints.replace(/^Warning: maxDynamic.*\n?/gm, '');
  /** @param {string} reason @returns {Probe} */
  const nothing = (reason) => ({ found: false, stage: 'adapter', reason: `${reason}\n${withoutNoise}`.trim() });
  if (signal === 'SIGKILL') return nothing('Dawn gave no answer in time');
  try {
    /** @type {Probe} */
    const probe = JSON.parse(output);
    return probe.found || probe.stage === 'load' ? probe : nothing(probe.reason);
  } catch {
    return nothing(`Dawn crashed (${signal ?? `exit code ${code ?? 'unknown'}`})`);
  }
};

/**
 * Looks for an adapter from a child process; a crash or a hang there is a probe that found nothing.
 * @param {{ timeoutMs?: number }} [options]
 * @returns {Promise<Probe>}
 */
const probeAdapter = ({ timeoutMs = 60_000 } = {}) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [PROBE], { timeout: timeoutMs, killSignal: 'SIGKILL' });
    let [output, complaints] = ['', ''];
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (complaints += String(chunk)));
    child.on('close', (code, signal) => resolve(readProbe(output, complaints, code, signal)));
  });

/** @param {Extract<Probe, { found: false }>} probe */
const assertLoaded = ({ stage, reason }) => {
  if (stage !== 'load') return;
  throw new Stop(
    `Dawn, the WebGPU implementation in the npm package webgpu, does not load on this machine ` +
      `(${process.platform}, ${process.arch}):\n  ${reason}\n` +
      `It ships for Linux with glibc, macOS and Windows, x64 and arm64. To install it anew: npm ci`,
  );
};

/** Returns once there is an adapter; throws a `Stop` that names the one thing to do where there can be none. */
export const ensureAdapter = async () => {
  const probe = await probeAdapter();
  if (probe.found) return;
  assertLoaded(probe);

  const device = softwareDevice();
  if (device.kind === 'advice') {
    throw new Stop(`No WebGPU adapter was found:\n  ${probe.reason.replaceAll('\n', '\n  ')}\n${device.advice}`);
  }
  console.log(`No WebGPU adapter was found: installing a software device (${device.what}) ...`);
  await installSoftwareDevice(device);

  const second = await probeAdapter();
  if (!second.found) {
    throw new Stop(
      `The software device is installed, but Dawn does not accept it:\n  ${second.reason.replaceAll('\n', '\n  ')}`,
    );
  }
  console.log(`Using ${second.adapter.description}`);
};
