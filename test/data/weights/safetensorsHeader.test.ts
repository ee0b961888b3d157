import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSafetensors } from '../../../src/data/weights/safetensors.js';
import { rawSafetensors, refusal, refusedHeader, refusedTensor } from './rawSafetensors.js';

test('a header that is no JSON object of the kind is refused', () => {
  assert.match(refusedHeader(''), /expected a header that starts with \{, found nothing/);
  assert.match(refusedHeader(' {}'), /starts with \{, found byte 0x20/);
  assert.match(refusedHeader('\ufeff{}'), /starts with \{, found byte 0xef/);
  assert.match(refusedHeader('[]'), /starts with \{, found byte 0x5b/);
  assert.match(refusal(rawSafetensors(Buffer.from('{"\xff":1}', 'latin1'))), /header is not UTF-8/);
  assert.match(refusal(rawSafetensors(Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22]))), /header is not UTF-8/);
  assert.match(
    refusedHeader('{'),
    /a key of the header: expected a string at character 1 of the header, found its end/,
  );
  assert.match(refusedHeader('{"a'), /expected a string at character 1 of the header, found "a/);
  assert.match(refusedHeader('{"a\\'), /expected a string .* found "a\\/);
  assert.match(refusedHeader('{"a\n":1}'), /expected a string .* found "a\\u\{a\}/);
  assert.match(refusedHeader('{"\\x":1}'), /expected a string/);
  assert.match(refusedHeader('{"\\ud800":1}'), /expected a string .* found "\\ud800/);
  assert.match(refusedHeader("{'a':1}"), /expected a string/);
  assert.match(refusedHeader('{,}'), /expected a string/);
  assert.match(refusedHeader('{"a"}'), /the header: expected a colon after "a" at character 4 of the header, found \}/);
  assert.match(refusedHeader('{"__metadata__":{} '), /the header: expected a comma or \}/);
  assert.match(refusedHeader('{"__metadata__":{},}'), /expected a string at character 19/);
  assert.match(
    refusedHeader('{}{}'),
    /expected only spaces after its last \} at character 2 of the header, found \{\}/,
  );
  assert.match(refusedHeader('{}\u0000'), /expected only spaces .* found \\u\{0\}/);
});

test('a tensor that is no object of the three keys is refused', () => {
  assert.match(refusedHeader('{"a":5}'), /tensor "a": expected an object at character 5 of the header, found 5\}/);
  assert.match(refusedHeader('{"a":["F32",[1],[0,4]]}', 4), /tensor "a": expected an object/);
  assert.match(refusedHeader('{"a":null}'), /tensor "a": expected an object .* found null/);
  assert.match(refusedHeader('{"a":{}}'), /tensor "a": dtype and shape and data_offsets missing/);
  assert.match(refusedHeader('{"a":{"dtype":"F32","shape":[1]}}'), /tensor "a": data_offsets missing/);
  assert.match(
    refusedHeader('{"a":{"shape":[1],"stride":[1]}}'),
    /"a": expected dtype, shape .* found the key "stride"/,
  );
  assert.match(refusedHeader('{"a":{"dtype":32}}'), /tensor "a": dtype: expected a string .* found 32/);
});

test('a dtype that is not read is named, with those that are', () => {
  for (const dtype of ['F16', 'BF16', 'F64', 'I32', 'f32', '', 'constructor']) {
    const header = `{"w":{"dtype":"${dtype}","shape":[1],"data_offsets":[0,4]}}`;
    assert.match(refusedHeader(header, 4), `tensor "w": dtype "${dtype}" is not read here, only F32 and U32 are`);
  }
});

test('metadata other than strings by string are refused', () => {
  assert.match(refusedHeader('{"__metadata__":null}'), /__metadata__: expected an object/);
  assert.match(refusedHeader('{"__metadata__":{"k":1}}'), /__metadata__ "k": expected a string .* found 1/);
  assert.match(refusedHeader('{"__metadata__":{"k":{}}}'), /__metadata__ "k": expected a string/);
  assert.match(refusedHeader('{"__metadata__":{"k":"\\udc00"}}'), /__metadata__ "k": expected a string/);
});

test('names that come twice are refused, however they are spelt', () => {
  const entry = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
  assert.match(refusedHeader(`{"a":${entry},"a":${entry}}`), /the header has the key "a" twice/);
  assert.match(refusedHeader(`{"a":${entry},"b":${entry},"\\u0061":${entry}}`), /the header has the key "a" twice/);
  assert.match(refusedHeader(`{"__proto__":${entry},"__proto__":${entry}}`), /has the key "__proto__" twice/);
  assert.match(refusedHeader('{"__metadata__":{},"__metadata__":{}}'), /the header has the key "__metadata__" twice/);
  assert.match(refusedHeader('{"__metadata__":{"k":"","\\u006b":""}}'), /__metadata__ has the key "k" twice/);
  const twice = '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"\\u0073hape":[0]}}';
  assert.match(refusedHeader(twice), /tensor "a" has the key "shape" twice/);
});

test('a shape that is no array of sizes is refused', () => {
  const integers = /tensor "a": shape: expected integers from 0 to 2\^53 − 1/;
  for (const size of ['-1', '-0', '1.0', '1e0', '0.5', '01', '+1', '"1"', 'null', '[1]', 'NaN', '1,']) {
    assert.match(refusedTensor(`[${size}]`, '[0,4]', 4), integers, size);
  }
  for (const size of ['9007199254740992', '18446744073709551615', '1'.repeat(400)]) {
    assert.match(refusedTensor(`[${size}]`, '[0,4]', 4), integers, size);
  }
  assert.match(refusedTensor('4', '[0,4]', 4), /tensor "a": shape: expected an array of integers .* found 4,/);
  assert.match(refusedTensor('[1 1]', '[0,4]', 4), /tensor "a": shape: expected a comma or \]/);
  assert.match(refusedTensor('[0x1]', '[0,4]', 4), /expected a comma or \] .* found x1\]/);
});

test('data_offsets that are no pair are refused', () => {
  assert.match(refusedTensor('[1]', '[0]', 4), /tensor "a": expected data_offsets \[begin, end\], found 1 numbers/);
  assert.match(refusedTensor('[1]', '[]', 4), /found 0 numbers/);
  assert.match(refusedTensor('[1]', '[0,4,8]', 4), /found 3 numbers/);
  assert.match(refusedTensor('[1]', '[-4,0]', 4), /data_offsets: expected integers/);
  assert.match(refusedTensor('[1]', '{"0":0,"1":4}', 4), /data_offsets: expected an array of integers/);
  assert.match(refusedTensor('[1]', '[4,0]', 4), /tensor "a": data_offsets \[4, 0\] end before they begin/);
  assert.match(refusedTensor('[1]', '[0,4]', 3), /data_offsets \[0, 4\] reach beyond the 3 bytes of data in the file/);
  assert.match(refusedTensor('[0]', '[9007199254740991,9007199254740991]', 0), /reach beyond the 0 bytes/);
});

test('nesting of any depth is refused without a stack for it', () => {
  const deep = '['.repeat(1_000_000);
  const deepObjects = '{"a":'.repeat(200_000);
  for (const nest of [deep, deepObjects]) {
    assert.match(refusedHeader(`{"a":${nest}`), /tensor "a": expected/);
    assert.match(refusedHeader(`{"a":{"shape":${nest}`), /tensor "a": shape: expected an array|expected integers/);
    assert.match(refusedHeader(`{"a":{"x":${nest}`), /found the key "x"/);
    assert.match(refusedHeader(`{"__metadata__":{"a":${nest}`), /__metadata__ "a": expected a string/);
  }
});

test('long tokens are read or refused like short ones', () => {
  const long = 'x'.repeat(10_000_000);
  assert.match(refusedHeader(`{"${long}":0}`), /tensor "x{58}…: expected an object/);
  assert.match(refusedHeader(`{"${long}`), /expected a string at character 1 of the header, found "x{19}/);
  assert.match(refusedHeader(`{"a":{"dtype":"${long}"}}`), /dtype "x{58}… is not read/);
  assert.match(refusedTensor(`[${'1'.repeat(1_000_000)}]`, '[0,4]', 4), /expected integers/);
  const spaced = rawSafetensors(`{${' '.repeat(10_000_000)}}`);
  assert.is(parseSafetensors(spaced, 'f').tensors.size, 0);
});

test('what a hostile name brings along stays out of the message', () => {
  const name = '\\u001b[31m\\u009b2J\u202e\u2028\u0085\\n😀';
  const message = refusedHeader(`{"${name}":5}`);
  assert.match(message, 'tensor "\\u001b[31m\\u{9b}2J\\u{202e}\\u{2028}\\u{85}\\n😀": expected an object');
  assert.not.match(message, /[^\P{C}]|\n/u);
});

test.run();
