/**
 * @file Measures the device's limit of multiply-adds in WGSL: the best of several pure loops (`shaders/limit.wgsl`).
 */
import type { Dispatch } from '../../src/gpu/commands.js';
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import type { Device } from '../../src/gpu/device.js';
import type { Plan } from '../../src/gpu/plan/plan.js';
import { timed, type Limit } from './measure.js';

interface Loop {
  readonly accumulators: number;
  readonly unroll: number;
  readonly fused: boolean;
}

/** A loop on the device. */
interface Candidate {
  readonly loop: Loop;
  readonly plan: Plan<void>;
  readonly flops: number;
  /** Links of one chain. */
  readonly links: number;
}

interface Trial {
  readonly candidate: Candidate;
  /** Milliseconds for 10⁹ operations: the loops' runs differ a little in length. */
  fastest: number;
}

const LANES = 64;

/** Workgroups that fill any device there is (an H100 holds 4,224 of 64 lanes at once); a CPU is full with far fewer. */
const GROUPS = 16_384;
const SOFTWARE_GROUPS = 512;

/** 1 − 2⁻¹⁶: exact in float32, and slow enough that a chain is still on its way after 10⁵ links. */
const SCALE = 1 - 2 ** -16;
const SHIFT = 2 ** -10;

/** How often each loop is tried; its fastest run counts. The first few then run again, for a limit too low would flatter. */
const ROUNDS = 3;
const FINALISTS = 6;
const FINAL_ROUNDS = 6;

/** Rounding along a chain: at worst 2⁻²⁴ a link. A loop that was cut short is off by far more. */
const TOLERANCE = 0.02;

/** The limit, found once by trying all loops, then sampled with the best of them. */
export class ArithmeticLimit implements Limit {
  private highest: number;

  private constructor(
    private readonly device: Device,
    private readonly winner: Candidate,
    /** What each loop reached when they were tried, the best first. */
    readonly rates: readonly (Loop & { readonly rate: number })[],
  ) {
    this.highest = rates[0]?.rate ?? NaN;
  }

  /** Tries the loops. @param sampleMs a sample takes about so long, or longer. */
  static async find(device: Device, sampleMs: number, quick: boolean): Promise<ArithmeticLimit> {
    const groups = device.adapter.software ? SOFTWARE_GROUPS : GROUPS;
    const output = device.allocatePersistent(groups * 4, 'limit');
    const typical = { accumulators: 4, unroll: 4, fused: true };
    // Doubled until a run is long enough; the other loops then get as many operations.
    let flops = groups * LANES * 2 ** 14;
    for (let time = 0; time < sampleMs; flops *= 2) {
      const candidate = await compile(device, output, groups, typical, flops);
      await timed(device, () => candidate.plan.replay());
      time = await timed(device, () => candidate.plan.replay());
      candidate.plan.dispose();
      if (time >= sampleMs) break;
    }
    const trials: Trial[] = [];
    for (const loop of loops(quick)) {
      const candidate = await compile(device, output, groups, loop, flops);
      candidate.plan.replay();
      await check(device, output, candidate);
      trials.push({ candidate, fastest: Infinity });
    }
    await race(device, trials, ROUNDS);
    trials.sort((a, b) => a.fastest - b.fastest);
    await race(device, trials.slice(0, FINALISTS), FINAL_ROUNDS);
    const rated = trials.map(({ candidate, fastest }) => ({ candidate, rate: 1e3 / fastest }));
    rated.sort((a, b) => b.rate - a.rate);
    const [best, ...others] = rated;
    if (best === undefined) throw new Error('limit: there is no loop to try');
    for (const { candidate } of others) candidate.plan.dispose();
    const rates = rated.map(({ candidate, rate }) => ({ ...candidate.loop, rate }));
    return new ArithmeticLimit(device, best.candidate, rates);
  }

  /** The best GFLOP/s seen so far. */
  get best(): number {
    return this.highest;
  }

  /** The loop that won. */
  get name(): string {
    const { accumulators, unroll, fused } = this.winner.loop;
    return `${accumulators} vec4f accumulator${accumulators === 1 ? '' : 's'}, unrolled ×${unroll}, ${fused ? 'fma()' : 'a * b + c'}`;
  }

  async sample(): Promise<number> {
    const { plan, flops } = this.winner;
    const rate = flops / (await timed(this.device, () => plan.replay())) / 1e6;
    this.highest = Math.max(this.highest, rate);
    return rate;
  }
}

/** In rounds: where the machine is busy for a moment, that strikes each loop once and not one loop each time. */
async function race(device: Device, trials: readonly Trial[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const trial of trials) {
      const { plan, flops } = trial.candidate;
      const time = await timed(device, () => plan.replay());
      trial.fastest = Math.min(trial.fastest, (time * 1e9) / flops);
    }
  }
}

function loops(quick: boolean): Loop[] {
  const accumulators = quick ? [2, 4] : [1, 2, 3, 4];
  const unrolls = quick ? [4] : [1, 2, 4, 8];
  return accumulators.flatMap((count) =>
    unrolls.flatMap((unroll) => [true, false].map((fused) => ({ accumulators: count, unroll, fused }))),
  );
}

async function compile(
  device: Device,
  output: DeviceBuffer,
  groups: number,
  loop: Loop,
  atLeast: number,
): Promise<Candidate> {
  const { accumulators, unroll, fused } = loop;
  // Two operations for each of a vec4f's four components.
  const perRound = groups * LANES * accumulators * unroll * 8;
  const rounds = Math.max(1, Math.round(atLeast / perRound));
  const dispatch: Dispatch = {
    kernel: {
      name: 'limit',
      files: ['bench/limit.wgsl'],
      constants: { ACCUMULATORS: accumulators, UNROLL: unroll, FUSED: fused },
    },
    buffers: [output],
    params: { rounds, scale: SCALE, shift: SHIFT, never: -1 },
    workgroups: [groups, 1, 1],
  };
  const plan = await device.compile(device.trace(() => device.dispatch(dispatch)));
  return { loop, plan, flops: perRound * rounds, links: rounds * unroll };
}

/** x after n links is x·sⁿ + (1 − sⁿ)·b / (1 − s): a loop that was folded or cut short is found out. */
async function check(device: Device, output: DeviceBuffer, { loop, links }: Candidate): Promise<void> {
  const [bytes] = await device.read(output);
  const [got = NaN] = new Float32Array(bytes ?? new ArrayBuffer(0));
  const power = SCALE ** links;
  let expected = 0;
  for (let start = 0; start < 4 * loop.accumulators; start++) {
    expected += start * power + ((1 - power) * SHIFT) / (1 - SCALE);
  }
  if (!(Math.abs(got - expected) <= TOLERANCE * expected)) {
    throw new Error(`limit: the loop of ${loop.accumulators} chains gave ${got} and should give ${expected}`);
  }
}
