/**
 * @file Runs a GAN's training step in tfjs, as its users would write it: variables, `variableGrads`, `tf.train.adam`.
 *
 * Unlike in the engine's step, z, dropout masks and the real images are on the device already, and no metrics are taken: this
 * favours tfjs, a little.
 */
import type { AdamSettings } from '../../../src/models/optim/adam.js';
import type { Work } from '../peer.js';
import { BATCH, type GanReference, type GanTask, type StepDraws } from '../tasks.js';
import { articleStep } from './article.js';
import { dcganStep } from './dcgan.js';
import type { Adam, Synchronise, Tensor, Tfjs, Variable } from './types.js';

/** What a step draws, on the device. */
export interface Draws {
  readonly z: readonly Tensor[];
  readonly masks: readonly Tensor[];
}

/** Updates both networks. @returns the losses of discriminator and generator */
export type Step = (draws: Draws) => Tensor[];

/** The networks' variables, and what both steps are made of. */
export class Networks {
  private readonly variables = new Map<string, Variable>();
  private readonly optimisers: Adam[] = [];
  /** Names of variables are tfjs's to keep apart, for as long as a process lives. */
  private readonly prefix = `gan${created++}/`;

  constructor(
    readonly tf: Tfjs,
    reference: GanReference,
  ) {
    for (const { name, shape, values } of reference.weights) this.create(name, tf.tensor(values, shape), true);
  }

  /** Makes a variable. */
  create(name: string, initial: Tensor, trainable: boolean): Variable {
    const variable = this.tf.variable(initial, trainable, this.prefix + name);
    this.variables.set(name, variable);
    return variable;
  }

  weight(name: string): Variable {
    const variable = this.variables.get(name);
    if (variable === undefined) throw new Error(`there is no weight ${name}`);
    return variable;
  }

  /** The weights that an optimiser changes. */
  weightsOf(network: 'generator' | 'discriminator'): Variable[] {
    return [...this.variables].flatMap(([name, variable]) => {
      return name.startsWith(`${network}/`) && variable.trainable ? [variable] : [];
    });
  }

  adam({ learningRate, beta1, epsilon = 1e-8 }: AdamSettings): Adam {
    const adam = this.tf.train.adam(learningRate, beta1 ?? 0.9, 0.999, epsilon);
    this.optimisers.push(adam);
    return adam;
  }

  /** Cross-entropy with the logits: −log σ(l) = softplus(−l) where an image should be called real. */
  loss(logits: Tensor, real: boolean): Tensor {
    const { tf } = this;
    return tf.mean(tf.softplus(real ? tf.neg(logits) : logits));
  }

  dispose(): void {
    for (const adam of this.optimisers) adam.dispose();
    this.tf.dispose([...this.variables.values()]);
  }
}

let created = 0;

export function prepareTfjsGan(tf: Tfjs, task: GanTask, reference: GanReference, synchronise: Synchronise): Work {
  const networks = new Networks(tf, reference);
  const images = tf.tensor(reference.images, [BATCH, 28, 28, 1]);
  const step = task.architecture === 'dcgan' ? dcganStep(networks, images) : articleStep(networks, images);
  const draws = reference.draws.map((drawn) => onDevice(tf, task, drawn));
  let done = 0;
  const losses: number[] = [];
  return {
    run: async (times) => {
      // The first call does the steps that are checked, with the engine's draws; later ones go on with the last of these.
      if (done === 0) {
        for (const drawn of draws) {
          const pair = tf.tidy(() => step(drawn));
          for (const loss of pair) losses.push(...(await loss.data()));
          tf.dispose(pair);
        }
      }
      const last = draws.at(-1);
      for (let time = 0; time < times && done > 0 && last !== undefined; time++) tf.dispose(tf.tidy(() => step(last)));
      done += times;
      await synchronise();
    },
    outputs: () => Promise.resolve([Float32Array.from(losses)]),
    dispose: () => {
      networks.dispose();
      tf.dispose([images, ...draws.flatMap(({ z, masks }) => [...z, ...masks])]);
    },
  };
}

/** The article's step makes a half batch of images, then a whole one; the DCGAN's makes one. */
function onDevice(tf: Tfjs, { architecture }: GanTask, { z, masks }: StepDraws): Draws {
  const counts = architecture === 'dcgan' ? [BATCH] : [BATCH / 2, BATCH];
  const passes = [BATCH / 2, BATCH / 2, BATCH];
  const upload = (arrays: readonly Float32Array[], rows: readonly number[]): Tensor[] => {
    return arrays.map((values, index) => tf.tensor(values, [rows[index] ?? 1, values.length / (rows[index] ?? 1)]));
  };
  return { z: upload(z, counts), masks: upload(masks, passes) };
}
