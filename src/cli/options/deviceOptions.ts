/**
 * @file Opens the device that a command's flags name.
 */
import type { Command } from 'commander';
import type { AdapterOptions } from '../../gpu/adapter.js';
import type { Device } from '../../gpu/device.js';

export interface DeviceFlags {
  readonly software?: boolean;
  readonly adapter?: string;
}

/** Adds the flags. */
export function withDeviceFlags(command: Command): Command {
  return command
    .option('--software', 'use a software device (WebGPU on the CPU)')
    .option('--adapter <name>', 'use the adapter whose name contains this');
}

/** @throws NoAdapterError, which lists the adapters */
export async function openWanted(flags: DeviceFlags): Promise<Device> {
  const { openDevice } = await import('../../host/node/device.js');
  return openDevice(adapterOptions(flags));
}

/** The adapter that the flags name. */
export function adapterOptions({ software = false, adapter }: DeviceFlags): AdapterOptions {
  return { software, ...(adapter === undefined ? {} : { name: adapter }) };
}
