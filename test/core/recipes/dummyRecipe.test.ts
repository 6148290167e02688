import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** Two files and two lines, as CONTRIBUTING.md says; done in a copy of the source. */
const DECLARATION = `import { z } from 'zod'
import { keepingOptions, pictureOptions, scheduleOptions } from './common.ts'
import { declareRecipe } from './declaration.ts'

export const dummy = declareRecipe({
  id: 'dummy',
  label: 'Dummy',
  summary: 'For a test.',
  datasets: ['paired-folders'],
  options: z.strictObject({
    ...scheduleOptions,
    ...pictureOptions,
    ...keepingOptions,
    direction: z.enum(['AtoB', 'BtoA']).default('AtoB').meta({ label: 'Translate from', help: 'Which side is before.' }),
    wobble: z.number().min(0).max(9).default(4).meta({ label: 'How much it wobbles', unit: 'mm', help: 'Made up.', level: 'simple' }),
  }),
  losses: [{ id: 'G_wobble', label: 'Wobble', help: 'Should fall.' }],
  visuals: [{ id: 'fakeB', label: 'Made', side: 'b' }],
})
`
const TRAINER = `import type { OptionsOf } from '../../core/recipes/index.ts'
import type { Trainer, TrainerContext } from './trainer.ts'

export function createDummy(options: OptionsOf<'dummy'>, _context: TrainerContext): Trainer {
  return {
    train: (batch) => Promise.resolve({ G_wobble: options.wobble / batch.step }),
    visuals: ({ realB }) => Promise.resolve({ fakeB: realB }),
    state: () => [],
    loadState: () => undefined,
    generator: () => { throw new Error('not asked for here') },
    dispose: () => undefined,
  }
}
`
const DRIVER = `import { describeOptions } from './src/core/options/describe.ts'
import { recipes } from './src/core/recipes/index.ts'
import { trainers } from './src/engine/recipes/index.ts'
const { dummy } = recipes
const trainer = trainers.dummy({ wobble: 4 }, { inputChannels: 3, outputChannels: 3 })
console.log(JSON.stringify({
  form: describeOptions(dummy.options).find((option) => option.key === 'wobble'),
  chart: dummy.losses.map((loss) => loss.id),
  losses: Object.keys(await trainer.train({ step: 1 })),
}))
`

let room = ''

function addLine(file: string, after: RegExp, importLine: string, entry: string): void {
  const text = readFileSync(join(room, file), 'utf8')
  expect(text).toMatch(after)
  writeFileSync(join(room, file), `${importLine}\n${text.replace(after, (found) => `${found} ${entry},`)}`)
}

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: room, encoding: 'utf8' })
}

beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), 'diptych-recipe-'))
  for (const part of ['src', 'package.json', 'scripts']) cpSync(part, join(room, part), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(room, 'node_modules'), 'dir')
  writeFileSync(join(room, 'src/core/recipes/dummy.ts'), DECLARATION)
  writeFileSync(join(room, 'src/engine/recipes/dummy.ts'), TRAINER)
  writeFileSync(join(room, 'driver.ts'), DRIVER)
  addLine('src/core/recipes/index.ts', /recipes = \{/, "import { dummy } from './dummy.ts'", 'dummy')
  addLine(
    'src/engine/recipes/index.ts',
    /trainers = \{/,
    "import { createDummy } from './dummy.ts'",
    'dummy: createDummy',
  )
})

afterAll(() => rmSync(room, { recursive: true, force: true }))

it('gives a new recipe its form control, its chart and its losses', () => {
  const found: unknown = JSON.parse(node('driver.ts').trim().split('\n').at(-1) ?? '')
  expect(found).toMatchObject({
    form: {
      flag: '--wobble',
      kind: 'number',
      label: 'How much it wobbles',
      unit: 'mm',
      minimum: 0,
      maximum: 9,
      level: 'simple',
    },
    chart: ['G_wobble'],
    losses: ['G_wobble'],
  })
})

it('gives it its command-line flag, with help, unit and default', () => {
  const help = node('src/cli/main.ts', 'train', '--help')
  expect(help).toContain('--wobble <number>')
  expect(help.replace(/\s+/g, ' ')).toContain('How much it wobbles. Made up. (default: 4 mm)')
})
