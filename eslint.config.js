/**
 * @file Lint rules: typescript-eslint's strict set, no unchecked casts, and the house's folder order.
 */
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Folders of src/ in import order: each may import from those to its left. A new folder needs a place here.
 * The first list runs in a browser as well: it uses no Node module.
 */
const BROWSER_SAFE = ['gpu', 'kernels', 'autograd', 'models', 'data', 'gan', 'evaluation'];
const NODE_ONLY = ['files', 'figures', 'host', 'datasets', 'training', 'study', 'cli'];
/** Files of src/training that run in a browser. */
const TRAINING_CORE = ['trainer', 'stopwatch', 'gan/ganTraining', 'classifier/classifier{Training,Evaluation}'].map(
  (name) => `src/training/${name}.ts`,
);
const FOLDERS = [...BROWSER_SAFE, ...NODE_ONLY];

const NODE_MODULES =
  'assert|buffer|child_process|crypto|fs|os|path|perf_hooks|process|stream|url|util|worker_threads|zlib';
const NODE_GLOBALS = ['process', 'Buffer', 'global', 'require', 'setImmediate', '__dirname', '__filename'];
const BROWSER_TOO = 'This folder also runs in a browser: take what the host provides as a parameter.';
const SEEDED = {
  regex: '^seedrandom$',
  message: 'src/data/randomStreams.ts makes all generators: seedrandom keeps only the low byte of each character.',
};
const TERMINAL = 'Print by src/cli/terminal, which keeps control characters from outside off the terminal.';
const PRINTS = 'Only src/cli prints or exits.';

const NO_NODE = { regex: `^(node:|(${NODE_MODULES})(/|$))`, message: BROWSER_TOO };

/**
 * @param {{ files: string[], allowed: string[], isBrowserSafe: boolean }} options `allowed`: folders of src/
 * @returns {import('eslint').Linter.Config}
 */
const importRule = ({ files, allowed, isBrowserSafe }) => {
  const forbidden = [...FOLDERS.filter((name) => !allowed.includes(name)), 'test', 'bench', 'experiments', 'scripts'];
  const order = {
    // From src/ itself, its folders begin with one dot.
    regex: `^(${files.some((file) => file.split('/').length === 2) ? '\\./' : '(\\.\\./)+'})(${forbidden.join('|')})(/|$)`,
    message: `This file may import from ${allowed.map((name) => `src/${name}`).join(', ')} only.`,
  };
  const patterns = isBrowserSafe ? [order, SEEDED, NO_NODE] : [order, SEEDED];
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
};

const importRules = [
  ...FOLDERS.map((folder, index) =>
    importRule({
      files: [`src/${folder}/**/*.ts`],
      allowed: FOLDERS.slice(0, index + 1),
      isBrowserSafe: BROWSER_SAFE.includes(folder),
    }),
  ),
  importRule({ files: ['src/host/browser/**/*.ts'], allowed: BROWSER_SAFE, isBrowserSafe: true }),
  // What trains, without files and pictures, runs in a browser too.
  importRule({ files: TRAINING_CORE, allowed: [...BROWSER_SAFE, 'training'], isBrowserSafe: true }),
  // The package's entries. `node` exports the Node half too, without the command line.
  importRule({ files: ['src/{models,evaluation}.ts'], allowed: BROWSER_SAFE, isBrowserSafe: true }),
  importRule({ files: ['src/index.ts'], allowed: [...BROWSER_SAFE, 'training'], isBrowserSafe: true }),
  importRule({ files: ['src/browser.ts'], allowed: [...BROWSER_SAFE, 'host'], isBrowserSafe: true }),
  importRule({ files: ['src/node.ts'], allowed: FOLDERS.filter((name) => name !== 'cli'), isBrowserSafe: false }),
];

export default defineConfig(
  { ignores: ['coverage/', 'dist/', 'runs/', 'studies/', 'node_modules/', 'docs/api/', 'src/gpu/shaderTexts.js'] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `const { a, ...rest } = all` takes `a` out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],

      // `values[i]!` stays allowed: a loop bound proves it, and `?? 0` would hide the bug where it does not.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(TSNonNullExpression[expression.type!="MemberExpression"], TSNonNullExpression > MemberExpression[computed=false])',
          message: 'Only an indexed read may be asserted (values[i]!): test for undefined instead.',
        },
      ],
    },
  },
  importRules,
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['exit', 'exitCode', 'stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message: PRINTS,
        })),
      ],
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['src/cli/terminal/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['stdout', 'stderr'].map((property) => ({ object: 'process', property, message: TERMINAL })),
      ],
    },
  },
  {
    files: [...[...BROWSER_SAFE, 'host/browser'].map((folder) => `src/${folder}/**/*.ts`), ...TRAINING_CORE],
    rules: {
      'no-restricted-globals': ['error', ...NODE_GLOBALS.map((name) => ({ name, message: BROWSER_TOO }))],
    },
  },
  {
    // Tests hand in what the types forbid, and their oracles walk plain arrays.
    files: ['test/**/*.ts', 'bench/**/*.ts', 'experiments/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  {
    // Plain JavaScript cannot narrow what JSON.parse returns other than by a JSDoc type.
    files: ['scripts/**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
