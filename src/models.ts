/**
 * @file Exports layers, initialisers, networks and optimisers.
 */
export * from './models/layers/index.js';
export { minibatchStddev, packImages } from './models/layers/minibatch.js';
export {
  constant,
  glorotUniform,
  normal,
  unitVector,
  type HostRandom,
  type Initialiser,
} from './models/layers/initialisers.js';
export { normalised, NORMALISATIONS, type Normalisation } from './models/layers/normalisation.js';
export { ARCHITECTURES, type Architecture, type ArchitectureName } from './models/networks/architectures.js';
export { articleDiscriminator, articleGenerator } from './models/networks/article.js';
export { Classifier, CLASSIFIERS, type ClassifierName } from './models/networks/classifier.js';
export { dcganDiscriminator, dcganGenerator, type GanSize } from './models/networks/dcgan.js';
export { WeightAverage } from './models/optim/averaging.js';
export { WeightClipping } from './models/optim/clipping.js';
export { Adam, type AdamSettings } from './models/optim/adam.js';
export type { Optimiser } from './models/optim/optimiser.js';
export { Sgd, type SgdSettings } from './models/optim/sgd.js';
export { oneCycle } from './models/optim/schedules.js';
