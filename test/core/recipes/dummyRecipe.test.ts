import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makePairs, makeRoom } from '../../support/tinyProject.ts'

/** Flags that every recipe has, for a run of a second or two. */
const SMALL = ['--load-size-px', '34', '--crop-size-px', '32', '--threads', '1']
const DRIVER = `import { describeOptions } from './src/core/options/describe.ts'
import { recipes } from './src/core/recipes/index.ts'
const { mine } = recipes
console.log(JSON.stringify({
  form: describeOptions(mine.options).find((option) => option.key === 'lambdaL2'),
  chart: mine.losses.map((loss) => loss.id),
}))
`

let room = ''
let copy = ''

/** The TypeScript blocks of CONTRIBUTING.md, without the indentation of the list that they stand in. */
function examples(): string[] {
  const blocks = readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^( *)```ts\n([\s\S]*?)^ *```$/gm)
  return [...blocks].map(([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
}

function addLine(file: string, after: RegExp, importLine: string, entry: string): void {
  const text = readFileSync(join(copy, file), 'utf8')
  expect(text).toMatch(after)
  writeFileSync(join(copy, file), `${importLine}\n${text.replace(after, (found) => `${found} ${entry},`)}`)
}

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
}

/** What tsc complains about; empty where it has nothing to say. */
function compile(): string {
  const build = join(room, 'node.tsbuildinfo')
  try {
    return node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.node.json', '--tsBuildInfoFile', build)
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  }
}

/** Two files and two lines, as CONTRIBUTING.md says; done in a copy of the source. */
beforeAll(() => {
  room = makeRoom()
  copy = join(room, 'copy')
  mkdirSync(copy)
  const configs = readdirSync('.').filter((name) => /^tsconfig.*\.json$/.test(name))
  for (const part of ['src', 'package.json', 'scripts', ...configs])
    cpSync(part, join(copy, part), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'), 'dir')
  const [declaration, trainer, ...more] = examples()
  expect(more).toEqual([])
  writeFileSync(join(copy, 'src/core/recipes/mine.ts'), declaration ?? '')
  writeFileSync(join(copy, 'src/engine/recipes/mine.ts'), trainer ?? '')
  writeFileSync(join(copy, 'driver.ts'), DRIVER)
  addLine('src/core/recipes/index.ts', /recipes = \{/, "import { mine } from './mine.ts'", 'mine')
  addLine(
    'src/engine/recipes/index.ts',
    /trainers = \{/,
    "import { createMine } from './mine.ts'",
    'mine: createMine',
  )
})

afterAll(() => rmSync(room, { recursive: true, force: true }))

it('compiles, and does not without its trainer', () => {
  expect(compile()).toBe('')
  const index = join(copy, 'src/engine/recipes/index.ts')
  const whole = readFileSync(index, 'utf8')
  writeFileSync(index, whole.replace('mine: createMine,', ''))
  expect(compile()).toContain("Property 'mine' is missing")
  writeFileSync(index, whole)
})

it('gives a new recipe its form control and its chart', () => {
  const found: unknown = JSON.parse(node('driver.ts').trim().split('\n').at(-1) ?? '')
  expect(found).toMatchObject({
    form: { flag: '--lambda-l2', kind: 'number', label: 'L2 weight', minimum: 0, maximum: 100 },
    chart: ['G_L2'],
  })
})

it('gives it its command-line flag, with help and default', () => {
  const help = node('src/cli/main.ts', 'train', '--help').replace(/\s+/g, ' ')
  expect(help).toContain('--lambda-l2 <number> L2 weight. Higher learns faster. (default: 10)')
})

it('trains it to a model that translates, with its losses and its gallery', async () => {
  const { a, b } = await makePairs(room, 32, { train: 2, val: 2, test: 1 })
  const project = join(room, 'project')
  node('src/cli/main.ts', 'new', project, '--a', a, '--b', b)
  const train = ['train', project, '--recipe', 'mine', '--steps', '2', '--lambda-l2', '5', ...SMALL]
  const lines = node('src/cli/main.ts', ...train, '--json').split('\n')
  const events = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string } & Record<string, unknown>)
  const steps = events.filter(({ type }) => type === 'step')
  expect(steps).toMatchObject([
    { losses: { G_L2: expect.any(Number) } },
    { losses: { G_L2: expect.any(Number) } },
  ])
  const samples = events.find(({ type }) => type === 'samples')
  expect(samples).toMatchObject({
    items: [{ visuals: { realA: expect.any(String), fakeB: expect.any(String) } }, { name: 'val/1' }],
  })
  const done = events.at(-1)
  expect(done).toMatchObject({ type: 'done', bestStep: 2, validationL1: expect.any(Number) })
  const path = String(done?.model)
  expect(existsSync(path)).toBe(true)
  const made = join(room, 'made')
  node('src/cli/main.ts', 'translate', join(a, 'val'), '--model', path, '--output', made)
  expect(readdirSync(made)).toHaveLength(2)
})
