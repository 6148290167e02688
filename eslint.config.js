// The laws of docs/architecture.md, checked by machine: which folder may import what, how long a function may be, what is banned.
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** @typedef {{ group?: string[], regex?: string, message: string }} Ban */

const upTo = (/** @type {string} */ folders) => `^(\\.\\./)+(src/)?(${folders})(/|$)`
/** @param {string} folders names joined by | @param {string} message @returns {Ban} */
const noFolder = (folders, message) => ({ regex: upTo(folders), message })

const bans = {
  packagesInCore: {
    regex: '^(?!\\.{1,2}/|zod$|zod/)',
    message: 'core is pure law: it imports zod and itself only.',
  },
  electron: { regex: '^electron($|/)', message: 'Only main and preload know Electron.' },
  react: {
    regex: '^(react|react-dom|react-aria-components|zustand)($|/)',
    message: 'Only the renderer knows React and its stores.',
  },
  node: { regex: '^node:', message: 'This folder runs without Node.' },
  engineLibraries: {
    regex: '^(@tensorflow/|sharp($|/)|onnxruntime-node|node:sqlite$)',
    message: 'Only the engine process loads its libraries.',
  },
  backends: {
    regex: '^@tensorflow/',
    message: 'Only src/engine/backends/ imports TensorFlow.js: import tf from src/engine/backends/tf.ts.',
  },
}

/** @param {Ban[]} patterns @returns {import('eslint').Linter.RulesRecord} */
function forbid(patterns) {
  return { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] }
}

const banned = {
  defaultExport: { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  enums: {
    selector: 'TSEnumDeclaration',
    message: 'Enums are no erasable TypeScript: use a union of strings.',
  },
  textAsCode: { selector: "NewExpression[callee.name='Function']", message: 'Code made of text is banned.' },
  lateImport: {
    selector: "CallExpression[callee.name='require'], ImportExpression[source.type!='Literal']",
    message: 'Import statically, so that the arrows can be checked.',
  },
}
const bannedSyntax = Object.values(banned)
const rawIpc = {
  selector:
    "ImportSpecifier[imported.name='ipcMain'], MemberExpression[property.name='ipcMain'], Property[key.name='ipcMain']",
  message: 'ipcMain is used in src/main/serve.ts alone: declare the request in core/contract.',
}
const windowStudio = {
  selector: "MemberExpression[object.name=/^(window|globalThis)$/][property.name='studio']",
  message: 'The renderer reaches main through src/renderer/bridge.ts alone.',
}

export default tseslint.config(
  { ignores: ['node_modules/', 'out/', 'dist/', 'resources/', 'test/reference/', '**/*_pb.ts'] },
  {
    files: ['src/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}', '*.ts'],
    extends: [tseslint.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', ...bannedSyntax],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'scripts/**/*.mjs'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
    },
  },
  // A declaration is data: one schema lists all its cases.
  {
    files: ['src/core/contract/**', 'src/core/training/events.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }] },
  },
  // A component is mostly markup.
  {
    files: ['src/renderer/**/*.tsx'],
    rules: { 'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['scripts/**/*.mjs', 'eslint.config.js'],
    extends: [tseslint.configs.recommended],
    rules: { 'no-eval': 'error', eqeqeq: 'error' },
  },

  {
    files: ['src/core/**'],
    rules: {
      ...forbid([
        bans.packagesInCore,
        noFolder('engine|cli|main|preload|renderer', 'core imports nothing but itself.'),
      ]),
      'no-restricted-globals': [
        'error',
        'window',
        'document',
        'navigator',
        'localStorage',
        'process',
        'Buffer',
        'require',
        '__dirname',
      ],
    },
  },
  {
    files: ['src/engine/**'],
    rules: forbid([
      bans.electron,
      bans.react,
      bans.backends,
      noFolder('cli|main|preload|renderer', 'engine imports core and itself.'),
    ]),
  },
  {
    files: ['src/engine/backends/**'],
    rules: {
      ...forbid([
        bans.electron,
        bans.react,
        noFolder('cli|main|preload|renderer', 'engine imports core and itself.'),
      ]),
      // Native backends are loaded when asked for: not every machine has them.
      'no-restricted-syntax': ['error', banned.defaultExport, banned.enums, banned.textAsCode],
    },
  },
  {
    files: ['src/cli/**'],
    rules: forbid([
      bans.electron,
      bans.react,
      bans.backends,
      noFolder('main|preload|renderer', 'cli imports core and engine.'),
    ]),
  },
  {
    files: ['src/main/**'],
    rules: {
      ...forbid([
        bans.react,
        bans.engineLibraries,
        noFolder('engine|cli|preload|renderer', 'main starts the engine by path and imports core only.'),
      ]),
      'no-restricted-syntax': ['error', ...bannedSyntax, rawIpc],
    },
  },
  { files: ['src/main/serve.ts'], rules: { 'no-restricted-syntax': ['error', ...bannedSyntax] } },
  {
    files: ['src/preload/**'],
    rules: forbid([
      bans.node,
      bans.react,
      bans.engineLibraries,
      noFolder('engine|cli|main|renderer', 'preload imports core/contract.'),
      noFolder('core/(?!contract)[^/]+', 'preload imports core/contract only.'),
    ]),
  },
  {
    files: ['src/renderer/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...forbid([
        bans.electron,
        bans.node,
        bans.engineLibraries,
        noFolder('engine|cli|main|preload', 'renderer imports core and itself.'),
      ]),
      'no-restricted-syntax': ['error', ...bannedSyntax, windowStudio],
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
    },
  },
  { files: ['src/renderer/bridge.ts'], rules: { 'no-restricted-syntax': ['error', ...bannedSyntax] } },
  {
    files: ['test/**/*.{ts,tsx}'],
    rules: { 'no-restricted-syntax': ['error', banned.enums, banned.textAsCode] },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
)
