/**
 * @file Encodes tasks as ONNX models: the few messages of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that a
 * model of one product takes, written by hand.
 */
import { convGeometry } from '../../../src/kernels/conv/geometry.js';
import type { HostArray } from '../layouts.js';
import { NotRun } from '../peer.js';
import { shapesOf, STRIDE, type ConvTask, type GanTask, type Task } from '../tasks.js';

/** Fields of the messages. */
const FIELDS = {
  model: { irVersion: 1, graph: 7, opsets: 8 },
  opset: { version: 2 },
  graph: { node: 1, name: 2, initialiser: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, operator: 4, attribute: 5 },
  attribute: { name: 1, int: 3, ints: 8, type: 20 },
  tensor: { dimensions: 1, type: 2, name: 8, raw: 9 },
  /** ValueInfoProto, and TypeProto's only field here. */
  value: { name: 1, type: 2, tensor: 1 },
  /** TypeProto.Tensor */
  type: { element: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { size: 1 },
} as const;

/** AttributeProto.AttributeType */
const INT = 2;
const INTS = 7;
/** TensorProto.DataType */
const FLOAT32 = 1;

const IR_VERSION = 8;
const OPSET = 17;

type Attributes = Readonly<Record<string, number | readonly number[]>>;

interface NodeDescription {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
}

type Bytes = Uint8Array;

function join(...parts: readonly ArrayLike<number>[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function number(field: number, value: number): Bytes {
  return join(varint(field * 8), varint(value));
}

function bytes(field: number, content: Bytes): Bytes {
  return join(varint(field * 8 + 2), varint(content.length), content);
}

function text(field: number, value: string): Bytes {
  return bytes(field, new TextEncoder().encode(value));
}

function node({ operator, inputs, outputs, attributes = {} }: NodeDescription): Bytes {
  const { node: fields, attribute } = FIELDS;
  const encoded = Object.entries(attributes).map(([name, value]) => {
    const named = text(attribute.name, name);
    if (typeof value === 'number') return join(named, number(attribute.int, value), number(attribute.type, INT));
    return join(named, ...value.map((one) => number(attribute.ints, one)), number(attribute.type, INTS));
  });
  return join(
    ...inputs.map((name) => text(fields.input, name)),
    ...outputs.map((name) => text(fields.output, name)),
    text(fields.operator, operator),
    ...encoded.map((content) => bytes(fields.attribute, content)),
  );
}

/** A model's input or output; its shape may be left for the runtime to find out. */
function value(name: string, shape: readonly number[] = []): Bytes {
  const dimensions = shape.map((size) => bytes(FIELDS.shape.dimension, number(FIELDS.dimension.size, size)));
  const known = shape.length === 0 ? [] : bytes(FIELDS.type.shape, join(...dimensions));
  const type = join(number(FIELDS.type.element, FLOAT32), known);
  return join(text(FIELDS.value.name, name), bytes(FIELDS.value.type, bytes(FIELDS.value.tensor, type)));
}

/** A constant. */
function initialiser(name: string, { shape, values }: HostArray): Bytes {
  const { tensor: fields } = FIELDS;
  return join(
    ...shape.map((length) => number(fields.dimensions, length)),
    number(fields.type, FLOAT32),
    text(fields.name, name),
    bytes(fields.raw, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
}

export const OUTPUT = 'output';

/** The names of a task's factors. */
const FACTORS = ['a', 'b'] as const;

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** What the model takes, by name. */
  readonly inputs: Readonly<Record<string, HostArray>>;
}

/**
 * A forward pass's weights are constants of the model, as in all models in use, which lets the runtime lay them out anew
 * beforehand; training would change them at each step.
 *
 * @param factors the task's inputs, channels first
 * @throws NotRun for tasks that ONNX has no operators for
 */
export function onnxModel(task: Exclude<Task, GanTask>, factors: readonly HostArray[]): OnnxModel {
  const { model, opset, graph } = FIELDS;
  const weights =
    task.kind === 'conv2d' || task.kind === 'convTranspose2d' || (task.kind === 'matmul' && !task.transposeA);
  const named = FACTORS.flatMap((name, index) => {
    const array = factors[index];
    return array === undefined ? [] : [{ name, array, constant: index === 1 && weights }];
  });
  const inputs = named.filter(({ constant }) => !constant);
  const content = join(
    ...nodesOf(task).map((description) => bytes(graph.node, node(description))),
    text(graph.name, task.kind),
    ...named.map(({ name, array, constant }) => {
      return constant
        ? bytes(graph.initialiser, initialiser(name, array))
        : bytes(graph.input, value(name, array.shape));
    }),
    bytes(graph.output, value(OUTPUT)),
  );
  return {
    bytes: join(
      number(model.irVersion, IR_VERSION),
      bytes(model.graph, content),
      bytes(model.opsets, number(opset.version, OPSET)),
    ),
    inputs: Object.fromEntries(inputs.map(({ name, array }) => [name, array])),
  };
}

function nodesOf(task: Exclude<Task, GanTask>): NodeDescription[] {
  const [a, b] = FACTORS;
  if (task.kind === 'matmul') {
    const { transposeA, transposeB } = task;
    const plain = { inputs: [a, b], outputs: [OUTPUT] };
    if (!transposeA && !transposeB) return [{ operator: 'MatMul', ...plain }];
    return [{ operator: 'Gemm', ...plain, attributes: { transA: Number(transposeA), transB: Number(transposeB) } }];
  }
  if (task.kind === 'batchNorm') {
    throw new NotRun(
      task.backward
        ? 'ONNX Runtime has no gradients here'
        : "ONNX Runtime's builds normalise with stored statistics only",
    );
  }
  const pads = padding(task);
  if (task.kind !== 'convWeightGradient') {
    const operator = task.kind === 'conv2d' ? 'Conv' : 'ConvTranspose';
    const attributes = { strides: [STRIDE, STRIDE], pads, kernel_shape: [task.kernel, task.kernel] };
    return [{ operator, inputs: [a, b], outputs: [OUTPUT], attributes }];
  }
  // The gradient by w is a convolution of x by a dilated dy, with batch and channels exchanged; its result lies [C, O, …].
  const { y } = shapesOf(task);
  const exchange = { perm: [1, 0, 2, 3] };
  return [
    { operator: 'Transpose', inputs: [a], outputs: ['x'], attributes: exchange },
    { operator: 'Transpose', inputs: [b], outputs: ['dy'], attributes: exchange },
    {
      operator: 'Conv',
      inputs: ['x', 'dy'],
      outputs: ['dw'],
      attributes: { strides: [1, 1], dilations: [STRIDE, STRIDE], pads, kernel_shape: [y[1], y[2]] },
    },
    { operator: 'Transpose', inputs: ['dw'], outputs: [OUTPUT], attributes: exchange },
  ];
}

/** What 'same' pads: rows above, columns before, rows below, columns after. */
function padding({ size, kernel }: ConvTask): number[] {
  const { outputHeight, top } = convGeometry({
    height: size,
    width: size,
    kernelHeight: kernel,
    kernelWidth: kernel,
    stride: STRIDE,
    padding: 'same',
  });
  const after = Math.max(0, (outputHeight - 1) * STRIDE + kernel - size - top);
  return [top, top, after, after];
}
