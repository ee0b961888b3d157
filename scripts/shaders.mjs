/** @file `npm run shaders`: embeds shaders/ into src/gpu/shaderTexts.js. Build, tests, lint and type check do so themselves. */
import { ensureShaderTexts } from './lib/shaderTexts.mjs';

ensureShaderTexts();
