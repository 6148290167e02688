import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { recipeIds } from '../../../src/core/recipes/index.ts'
import { notices, type NoticeCode } from '../../../src/core/training/notices.ts'
import { recordHistory, replay, type History } from './support/healthHistory.ts'

const folder = new URL('../../reference/health/', import.meta.url)

function readHistory(file: string): History {
  return JSON.parse(readFileSync(fileURLToPath(new URL(file, folder)), 'utf8')) as History
}

const recorded = readdirSync(fileURLToPath(folder)).map((file) => [file, readHistory(file)] as const)

/** A plateau is no failure: small networks learn all they can of a sample in some hundred steps. */
function failuresIn(told: readonly string[]): string[] {
  return told.filter((one) => !one.startsWith('plateau '))
}

test('every recipe has a recorded run on a sample', () => {
  expect([...new Set(recorded.map(([, { recipe }]) => recipe))].sort()).toEqual([...recipeIds].sort())
})

test.each(recorded)('the recorded run %s raises nothing', (_, history) => {
  expect(history.losses[Object.keys(history.losses)[0] ?? '']).toHaveLength(history.steps)
  expect(history.galleries.length).toBeGreaterThan(1)
  expect(failuresIn(replay(history))).toEqual([])
})

const plain = { sampleEvery: 50, batchSize: 2, sampleCount: 4 }
const squares = { ...plain, cropSizePx: 32, loadSizePx: 36, ngf: 8 }

test.each([
  ['map-to-satellite', 'pix2pix', { ...squares, ndf: 8, nLayersD: 2, netG: 'unet_32' }],
  ['photographs', 'restore', { ...squares, preprocess: 'crop' }],
] as const)(
  'the first steps on %s by %s raise nothing, and are judged as their record is',
  async (sample, recipe, options) => {
    const history = await recordHistory({ sample, recipe, options, steps: 250 })
    expect(failuresIn(history.told)).toEqual([])
    expect(replay(history)).toEqual(history.told)
  },
)

test('a record in which something goes wrong is not silent', () => {
  const [, history] = recorded.find(([, { recipe }]) => recipe === 'pix2pix') ?? []
  if (!history) throw new Error('There is no record of pix2pix.')
  const codesOf = (changed: Partial<History>) =>
    replay({ ...history, ...changed }).map((one) => one.split(' ')[0] as NoticeCode)
  const D = history.losses.D_real?.map(() => 0.001) ?? []
  expect(codesOf({ losses: { ...history.losses, D_real: D, D_fake: D } })).toContain('judge-wins')
  const worse = history.validations.map(({ step, l1 }) => ({ step, l1: step > 200 ? 2 * l1 : l1 }))
  expect(codesOf({ validations: worse })).toContain('overfitting')
  const turned = history.galleries.map(({ step, look }) => ({
    step,
    look: { ...look, likeness: -0.8, likenessOfDetails: -0.5 },
  }))
  expect(codesOf({ galleries: turned })).toContain('inverted')
  for (const code of codesOf({ galleries: turned })) expect(notices).toHaveProperty(code)
})
