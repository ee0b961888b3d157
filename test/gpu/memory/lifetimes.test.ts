/**
 * @file Sharing memory within a step, on command lists small enough to work out by hand. Needs no device.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceBuffer, paddedSize } from '../../../src/gpu/memory/buffers.js';
import type { Dispatch } from '../../../src/gpu/commands.js';
import { assignSlots, lifetimes, peakLiveBytes, type Lifetime } from '../../../src/gpu/memory/lifetimes.js';

const command = (...buffers: DeviceBuffer[]): Dispatch => ({
  kernel: { name: 'any', files: [] },
  buffers,
  workgroups: [1, 1, 1],
});

const named = (label: string, bytes = 16): DeviceBuffer => new DeviceBuffer(bytes, label);

const bounds = (lives: readonly Lifetime[]): (string | number)[][] =>
  lives.map(({ buffer, first, last }) => [buffer.label, first, last]);

const totalOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

test('a buffer has a whole number of 16-byte words, and at least one', () => {
  assert.equal([0, 1, 16, 17, 100].map(paddedSize), [16, 16, 16, 32, 112]);
});

test('a buffer lives from its first command to its last', () => {
  const [a, b, c] = [named('a'), named('b'), named('c')];
  assert.equal(bounds(lifetimes([command(a), command(a, b), command(b, c), command(a, c)], new Set())), [
    ['a', 0, 3],
    ['b', 1, 2],
    ['c', 2, 3],
  ]);
});

test('a kept buffer lives for ever after its first command', () => {
  const [a, b] = [named('a'), named('b')];
  assert.equal(bounds(lifetimes([command(a), command(a, b), command(b)], new Set([a]))), [
    ['a', 0, Infinity],
    ['b', 1, 2],
  ]);
});

test('parts live together, from the first use of any of them to the last, or for ever when one is kept', () => {
  const [a, b, c] = [named('a'), named('b'), named('c')];
  const whole = named('whole', 512);
  whole.parts = [a, b];
  for (const part of whole.parts) part.whole = whole;
  const commands = [command(c), command(c, b), command(a), command(whole), command(c)];
  assert.equal(bounds(lifetimes(commands, new Set())), [
    ['c', 0, 4],
    ['whole', 1, 3],
  ]);
  for (const kept of [a, b, whole]) {
    assert.equal(bounds(lifetimes(commands, new Set([kept])))[1], ['whole', 1, Infinity]);
  }
  assert.is(peakLiveBytes(lifetimes(commands, new Set()), 5), 512 + 16);
});

test('a buffer that has memory already is nobody’s to assign', () => {
  const weights = named('weights');
  // What it is does not matter here, only that it is there.
  weights.physical = {} as GPUBuffer;
  assert.equal(lifetimes([command(weights)], new Set()), []);
});

test('no commands need no memory', () => {
  assert.is(peakLiveBytes([], 0), 0);
  assert.equal(assignSlots([]), []);
});

test('in a chain two links are alive at a time', () => {
  // a → b → c → d of 160 bytes: two at each command, so two slots do for four buffers.
  const [a, b, c, d] = [named('a', 160), named('b', 160), named('c', 160), named('d', 160)];
  const lives = lifetimes([command(a), command(a, b), command(b, c), command(c, d)], new Set());
  assert.is(peakLiveBytes(lives, 4), 320);
  assert.equal(
    assignSlots(lives).map((slot) => slot.size),
    [160, 160],
  );
});

test('keeping the first link costs its bytes to the end', () => {
  // At command 3: c and d, and a, which is kept.
  const [a, b, c, d] = [named('a', 160), named('b', 32), named('c', 64), named('d', 16)];
  const lives = lifetimes([command(a), command(a, b), command(b, c), command(c, d)], new Set([a]));
  assert.is(peakLiveBytes(lives, 4), 160 + 32 + 64);
});

test('the peak is the worst command’s, not the sum', () => {
  // 0: a. 1: a, b. 2: b. 3: c. → 16, 16 + 48, 48, 96.
  const [a, b, c] = [named('a', 16), named('b', 48), named('c', 96)];
  const lives = lifetimes([command(a), command(a, b), command(b), command(c)], new Set());
  assert.is(peakLiveBytes(lives, 4), 96);
  assert.is(peakLiveBytes(lives.slice(0, 2), 4), 64);
});

test('the result of the last command shares with nothing that it is computed from', () => {
  const [x, y] = [named('x'), named('y')];
  const slots = assignSlots(lifetimes([command(x), command(x, y)], new Set([y])));
  assert.equal(
    slots.map((slot) => slot.buffers.length),
    [1, 1],
  );
});

test('a kept buffer may follow a temporary in its slot, but nothing follows a kept buffer', () => {
  const [early, kept, late] = [named('early'), named('kept'), named('late')];
  const lives = lifetimes([command(early), command(kept), command(late)], new Set([kept]));
  const slot = assignSlots(lives).find(({ buffers }) => buffers.includes(kept));
  assert.not(slot?.buffers.includes(late));
});

test('on random steps: slots never mix lives that overlap, hold what is put into them, and cost no more than no sharing', () => {
  for (let round = 0; round < 300; round++) {
    const seed = `lifetimes ${round}`;
    const random = seedrandom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const buffers = Array.from({ length: 1 + below(40) }, (_, index) => named(`b${index}`, 1 + below(500)));
    const commands = Array.from({ length: 1 + below(40) }, () =>
      command(...Array.from({ length: 1 + below(4) }, () => buffers[below(buffers.length)]!)),
    );
    const kept = new Set(buffers.filter(() => random() < 0.15));
    const lives = lifetimes(commands, kept);
    const slots = assignSlots(lives);
    const lifeOf = new Map(lives.map((life) => [life.buffer, life]));

    assert.is(totalOf(slots.map((slot) => slot.buffers.length)), lives.length, `${seed}: each buffer once`);
    for (const { size, buffers: tenants } of slots) {
      const inOrder = tenants.map((buffer) => lifeOf.get(buffer)!).sort((a, b) => a.first - b.first);
      inOrder.forEach((life, index) => {
        assert.ok(life.buffer.size <= size, `${seed}: ${life.buffer.label} fits into its slot`);
        const before = inOrder[index - 1];
        assert.ok(before === undefined || before.last < life.first, `${seed}: ${life.buffer.label} overlaps`);
      });
    }

    const allocated = totalOf(slots.map((slot) => slot.size));
    assert.ok(allocated <= totalOf(lives.map((life) => life.buffer.size)), `${seed}: sharing costs nothing`);
    assert.ok(allocated >= peakLiveBytes(lives, commands.length), `${seed}: less than what is alive`);
    const live = (at: number): number =>
      totalOf(lives.filter(({ first, last }) => first <= at && at <= last).map((life) => life.buffer.size));
    const peak = Math.max(...commands.map((_, at) => live(at)));
    assert.is(peakLiveBytes(lives, commands.length), peak, `${seed}: the peak, counted command by command`);
  }
});

test.run();
