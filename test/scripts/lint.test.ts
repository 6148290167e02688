import { ESLint } from 'eslint'
import { describe, expect, test } from 'vitest'

const eslint = new ESLint()

async function rulesBroken(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath })
  return (result?.messages ?? []).map((message) => message.ruleId ?? 'parse-error')
}

const imports = '@typescript-eslint/no-restricted-imports'
const syntax = 'no-restricted-syntax'
const line = 'export const one = 1\n'

/** One planted violation for each law of docs/architecture.md. */
const planted: [law: string, file: string, text: string, rule: string][] = [
  ['core imports no package but zod', 'src/core/planted.ts', "import 'sharp'\n", imports],
  ['core imports nothing of Node', 'src/core/planted.ts', "import 'node:fs'\n", imports],
  ['core imports no engine', 'src/core/recipes/planted.ts', "import '../../engine/version.ts'\n", imports],
  [
    'core knows no DOM',
    'src/core/planted.ts',
    'export const title = document.title\n',
    'no-restricted-globals',
  ],
  [
    'core knows no process',
    'src/core/planted.ts',
    'export const env = process.env\n',
    'no-restricted-globals',
  ],
  ['engine imports no Electron', 'src/engine/nn/planted.ts', "import 'electron'\n", imports],
  ['engine imports no React', 'src/engine/nn/planted.ts', "import 'react'\n", imports],
  ['engine imports no main', 'src/engine/nn/planted.ts', "import '../../main/index.ts'\n", imports],
  ['only backends import tfjs', 'src/engine/nn/planted.ts', "import '@tensorflow/tfjs'\n", imports],
  ['only backends import the binding', 'src/cli/planted.ts', "import '@tensorflow/tfjs-node-gpu'\n", imports],
  ['cli imports no main', 'src/cli/planted.ts', "import '../main/index.ts'\n", imports],
  ['main imports no engine', 'src/main/planted.ts', "import '../engine/version.ts'\n", imports],
  ['main imports no cli', 'src/main/handlers/planted.ts', "import '../../cli/exits.ts'\n", imports],
  ['main loads no engine library', 'src/main/planted.ts', "import 'sharp'\n", imports],
  [
    'ipcMain is for serve.ts',
    'src/main/planted.ts',
    "import { ipcMain } from 'electron'\nvoid ipcMain\n",
    syntax,
  ],
  [
    'ipcMain is not reached by a detour',
    'src/main/planted.ts',
    "import * as electron from 'electron'\nvoid electron.ipcMain\n",
    syntax,
  ],
  ['preload imports the contract only', 'src/preload/planted.ts', "import '../core/words.ts'\n", imports],
  ['renderer imports no Electron', 'src/renderer/planted.ts', "import 'electron'\n", imports],
  ['renderer imports no Node', 'src/renderer/planted.ts', "import 'node:path'\n", imports],
  [
    'renderer imports no engine',
    'src/renderer/features/planted.ts',
    "import '../../engine/version.ts'\n",
    imports,
  ],
  [
    'renderer asks through the bridge',
    'src/renderer/planted.ts',
    'export const studio = window.studio\n',
    syntax,
  ],
  [
    'no any',
    'src/core/planted.ts',
    'export const x = (y: any): unknown => y\n',
    '@typescript-eslint/no-explicit-any',
  ],
  ['no default export', 'src/core/planted.ts', 'export default 1\n', syntax],
  ['no enum', 'src/core/planted.ts', 'export enum Way { A }\n', syntax],
  ['no eval', 'src/engine/planted.ts', "eval('1')\n", 'no-eval'],
  ['no Function made of text', 'src/engine/planted.ts', "void new Function('return 1')\n", syntax],
  ['files stay short', 'src/core/planted.ts', line.replace('one', 'a') + 'void 0\n'.repeat(301), 'max-lines'],
  [
    'functions stay short',
    'src/core/planted.ts',
    `export function long() {\n${'  void 0\n'.repeat(46)}}\n`,
    'max-lines-per-function',
  ],
  [
    'hooks are called in order',
    'src/renderer/Planted.tsx',
    "import { useState } from 'react'\nexport function Planted({ on }: { on: boolean }) {\n  if (on) useState(1)\n  return null\n}\n",
    'react-hooks/rules-of-hooks',
  ],
]

describe('a planted violation fails the check', () => {
  test.each(planted)('%s', async (_law, file, text, rule) => {
    expect(await rulesBroken(file, text)).toContain(rule)
  })
})

/** What the laws allow, so that they do not hold by forbidding everything. */
const allowed: [what: string, file: string, text: string][] = [
  ['core imports zod', 'src/core/planted.ts', "import 'zod'\nimport './words.ts'\n"],
  [
    'engine imports core and sharp',
    'src/engine/nn/planted.ts',
    "import 'sharp'\nimport '../../core/words.ts'\n",
  ],
  ['backends import tfjs', 'src/engine/backends/planted.ts', "import '@tensorflow/tfjs'\n"],
  ['serve.ts uses ipcMain', 'src/main/serve.ts', "import { ipcMain } from 'electron'\nvoid ipcMain\n"],
  ['preload imports the contract', 'src/preload/planted.ts', "import '../core/contract/index.ts'\n"],
  ['the bridge reaches main', 'src/renderer/bridge.ts', 'export const studio = window.studio\n'],
]

describe('what the laws allow passes', () => {
  test.each(allowed)('%s', async (_what, file, text) => {
    expect(await rulesBroken(file, text)).toEqual([])
  })
})
