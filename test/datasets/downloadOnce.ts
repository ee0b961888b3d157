/**
 * @file A process that downloads the small dataset: `downloadOnce.ts MIRROR FOLDER`. Tests start several, and kill them.
 */
import { downloadPublished } from '../../src/datasets/download.js';
import { SMALL } from './mirror.js';

const [mirror = '', folder = ''] = process.argv.slice(2);
await downloadPublished(SMALL, folder, { mirrors: [mirror] });
