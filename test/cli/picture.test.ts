/**
 * @file Pictures in a terminal: where they are drawn, and that the pixels are those of the images.
 */
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawPicture, pictureStyle } from '../../src/cli/terminal/picture.js';

const SHAPE = { height: 4, width: 4, channels: 1 };

/** One black image and one white one. */
const IMAGES = Float32Array.from({ length: 32 }, (_, index) => (index < 16 ? -1 : 1));

test('pictures are drawn on terminals with colours only, as images where the terminal knows a protocol', () => {
  const styles: readonly [NodeJS.ProcessEnv, boolean, string | undefined][] = [
    [{ TERM: 'xterm-256color' }, true, '256'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, true, 'truecolor'],
    [{ TERM: 'xterm-kitty' }, true, 'kitty'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm' }, true, 'kitty'],
    [{ TERM: 'xterm-kitty', TMUX: '/tmp/tmux' }, true, '256'],
    // Started from kitty, whose variables it inherits.
    [{ TERM: 'xterm-256color', KITTY_WINDOW_ID: '1' }, true, '256'],
    [{ TERM: 'dumb' }, true, undefined],
    [{ TERM: 'xterm-kitty' }, false, undefined],
  ];
  for (const [env, isTerminal, style] of styles) assert.is(pictureStyle(env, isTerminal), style, JSON.stringify(env));
});

test('a half-block has the colours of two pixels, each the mean of four', () => {
  const lines = drawPicture(IMAGES, SHAPE, 'truecolor', 80).split('\n');
  assert.is(lines.pop(), '');
  assert.is(lines.length, 1, 'four pixels, two of them in a shrunk one, two of those in a line');
  const cells = lines[0]?.split('▀').slice(0, -1) ?? [];
  assert.is(cells.length, 5, 'two columns for each image, one for the gap');
  assert.is(cells[0], '\x1b[38;2;0;0;0;48;2;0;0;0m');
  assert.is(cells[4], '\x1b[38;2;255;255;255;48;2;255;255;255m');
  assert.ok(lines[0]?.endsWith('\x1b[0m'));
});

test('with 256 colours grey images take the greys', () => {
  const cells = drawPicture(IMAGES, SHAPE, '256', 80).split('▀');
  assert.is(cells[0], '\x1b[38;5;232;48;5;232m');
  assert.is(cells[4], '\x1b[38;5;255;48;5;255m');
});

test('a row holds no more images than fit, and no line is longer than the terminal', () => {
  const images = new Float32Array(25 * 28 * 28);
  for (const [width, count] of [
    [80, 5],
    [40, 2],
    [10, 1],
  ] as const) {
    const [line = ''] = drawPicture(images, { height: 28, width: 28, channels: 1 }, '256', width).split('\n');
    assert.is(line.split('▀').length - 1, 15 * count - 1);
  }
});

test('kitty receives a PNG', () => {
  const text = drawPicture(IMAGES, SHAPE, 'kitty', 80);
  const chunks = [...text.matchAll(/\x1b_G[^;]*;([A-Za-z0-9+/=]*)\x1b\\/g)].map(([, chunk = '']) => chunk);
  const { width, height } = PNG.sync.read(Buffer.from(chunks.join(''), 'base64'));
  assert.equal([width, height], [2 * 12 + 2, 12]);
});

test.run();
