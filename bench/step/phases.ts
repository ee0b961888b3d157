/**
 * @file Finds the phase of each dispatch of a step: which network it runs (G, the generator, or D, the discriminator), or
 * which one it updates. The step runs without the GPU, and its networks and optimisers are observed.
 */
import type { Tensor } from '../../src/autograd/tensor.js';
import type { Sequential } from '../../src/models/layers/index.js';
import type { Adam } from '../../src/models/optim/adam.js';
import type { Gan } from '../../src/gan/gan.js';

/** Dispatches one after the other that serve one purpose. */
export interface Phase {
  /** A line each, short. */
  readonly label: readonly string[];
  /** The first dispatch; the phase lasts until the next one's. */
  readonly first: number;
  /** Whether gradients are computed: its products are by an input or by weights. */
  readonly backward: boolean;
}

/** After an update: metrics and counters, where nothing else comes. */
const BETWEEN = ['rest'];

export function phasesOf(gan: Gan): Phase[] {
  const { engine, generator, discriminator, realImages } = gan;
  const { batch, architecture } = gan.options;
  const isJoint = (x: Tensor): boolean => architecture.schedule === 'joint' && x.shape[0] === 2 * batch;
  const { device } = engine;
  const phases: Phase[] = [];
  let dispatches = 0;
  let running = false;
  const begin = (label: readonly string[], backward = false): void => {
    const last = phases.at(-1);
    // What is drawn or filled before a phase is for it.
    const replaces = last !== undefined && (last.label === BETWEEN || last.first === dispatches);
    if (replaces) phases.pop();
    phases.push({ label, backward, first: last === undefined ? 0 : replaces ? last.first : dispatches });
  };
  const forward = (network: Sequential, label: (x: Tensor) => readonly string[]): Stop => {
    return listen(network.forward.bind(network), (method) => (network.forward = method), {
      before: (x) => {
        begin(label(x));
        running = true;
      },
      after: () => (running = false),
    });
  };
  const update = (optimiser: Adam, letter: string): Stop => {
    return listen(optimiser.step.bind(optimiser), (method) => (optimiser.step = method), {
      before: () => {
        // Whose gradients they were is known only now.
        const gradients = phases.pop();
        if (gradients !== undefined) phases.push({ ...gradients, label: ['update', `of ${letter}`] });
      },
      after: () => begin(BETWEEN),
    });
  };
  const stops = [
    forward(generator, () => ['G', 'forward']),
    forward(discriminator, (x) => ['D on', x === realImages ? 'real' : isJoint(x) ? 'both' : 'fakes']),
    update(gan.generatorOptimiser, 'G'),
    update(gan.discriminatorOptimiser, 'D'),
    listen(device.dispatch.bind(device), (method) => (device.dispatch = method), {
      before: () => {
        // Gradients are computed off the tape, and so is nothing else but some forward passes.
        if (!engine.isTaping && !running && phases.at(-1)?.backward === false) begin(['gradients'], true);
      },
      after: () => dispatches++,
    }),
  ];
  try {
    device.trace(() => gan.step());
  } finally {
    for (const stop of stops) stop();
  }
  return phases;
}

type Stop = () => void;

/** Puts a method that tells of each call in the place of `original`. @returns what puts that back */
function listen<First, Rest extends unknown[], Result>(
  original: (first: First, ...rest: Rest) => Result,
  install: (method: (first: First, ...rest: Rest) => Result) => void,
  { before, after }: { readonly before: (first: NoInfer<First>) => void; readonly after: () => void },
): Stop {
  install((first, ...rest) => {
    before(first);
    const result = original(first, ...rest);
    after();
    return result;
  });
  return () => install(original);
}
