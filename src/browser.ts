/**
 * @file Exports the core and `openDevice` for a browser, in a page or in a worker.
 */
export * from './index.js';
export { openDevice } from './host/browser/device.js';
