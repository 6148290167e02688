import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomUniform } from '../../src/core/random.ts'
import { runCli, type CliResult } from '../support/cli.ts'
import { makeRoom } from '../support/tinyProject.ts'

const room = makeRoom()
const pictures = join(room, 'pictures')
const [classy, critical] = [join(room, 'classy'), join(room, 'critical')]
const SIDE = 16
const CLASSES = ['dark', 'light']

/** Smooth grey slopes, darker or lighter. */
async function draw(path: string, label: string, seed: number): Promise<void> {
  const [level, slope] = [label === 'dark' ? 40 : 160, 5 * randomUniform(seed, 1)]
  const data = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => Math.round(level + slope * (at % SIDE)))
  await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(path)
}

async function train(folder: string, recipe: string): Promise<void> {
  await runCli(['new', folder, '--kind', 'picture-folder', '--folder', pictures])
  const flags = ['--crop-size-px', '16', '--batch-size', '8', '--latent', '8', '--ngf', '4', '--ndf', '4']
  const pace = ['--steps', '12', '--checkpoint-every', '6', '--sample-every', '12', '--threads', '1']
  const trained = await runCli(['train', folder, '--recipe', recipe, ...flags, ...pace, '--json'])
  expect(trained.code, trained.stderr).toBe(0)
}

beforeAll(async () => {
  let seed = 0
  for (const [split, count] of [
    ['train', 16],
    ['test', 8],
  ] as const)
    for (const label of CLASSES) {
      const folder = join(pictures, split, label)
      mkdirSync(folder, { recursive: true })
      for (let index = 0; index < count; index += 1)
        await draw(join(folder, `${index}.png`), label, (seed += 1))
    }
  await train(classy, 'cgan')
  await train(critical, 'wgan')
}, 240_000)
afterAll(() => rmSync(room, { recursive: true, force: true }))

const asked = ({ events }: CliResult) =>
  events.filter(({ type, kind }) => type === 'opinion' && kind === 'asked') as unknown as {
    name: string
    score: number
    position: number | null
    verdict: string | null
  }[]

describe('diptych judge', () => {
  it('without pictures prints both distributions and how well the judge tells them apart', async () => {
    const told = await runCli(['judge', classy, '--threads', '1'])
    expect(told.code, told.stderr).toBe(0)
    for (const words of [
      'Real, kept back from training: 16 pictures',
      'generator: 16 pictures',
      'deciles',
      '<- threshold',
    ])
      expect(told.stdout).toContain(words)
    expect(told.stdout).toMatch(/It tells \d+% of them rightly at 0.5/)
  })

  it('a critic has no threshold: what it says is told between the means of made and real pictures', async () => {
    const picture = join(pictures, 'test/dark/0.png')
    const told = await runCli(['judge', critical, picture, '--threads', '1', '--json'])
    expect(told.code, told.stderr).toBe(0)
    expect(told.last).toMatchObject({ type: 'judged', ganLoss: 'wgan', threshold: null, accuracy: null })
    const { real, made } = told.last as { real: { mean: number }; made: { mean: number } }
    const [opinion] = asked(told)
    expect(opinion!.verdict).toBeNull()
    expect(opinion!.position).toBeCloseTo((opinion!.score - made.mean) / (real.mean - made.mean), 9)
    const words = await runCli(['judge', critical, picture, '--threads', '1'])
    expect(words.stdout).toContain('A critic has no threshold')
    expect(words.stdout).toMatch(/mean of (made|real) test pictures/)
  })

  it('wants to know the class where the judge is told it, and what is meant', async () => {
    const picture = join(pictures, 'test/dark/0.png')
    expect((await runCli(['judge', classy, picture])).stderr).toContain('It knows: dark, light')
    expect((await runCli(['judge', classy, picture, '--label', 'drak'])).stderr).toContain(
      'Did you mean dark?',
    )
    const wrong = await runCli(['judge', classy, '--label', 'dark', '--json'])
    expect([wrong.code, wrong.last.code]).toEqual([2, 'usage'])
    expect((await runCli(['judge', classy, '--step', 'soon'])).stderr).toContain('--step cannot take "soon"')
  })
})

describe.sequential('a set without its worst pictures', () => {
  const output = join(room, 'set')
  const make = (folder: string, share: string) => {
    const what = ['--output', folder, '--count', '24', '--least-difference', '0', '--drop-lowest', share]
    return runCli(['generate', classy, ...what, '--no-figures', '--threads', '1', '--json'])
  }
  type Row = { file_name: string; label: string; judge_score?: number }
  const rowsOf = (folder: string) =>
    readFileSync(join(folder, 'metadata.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as Row)
  const bytesOf = (folder: string) =>
    rowsOf(folder).map(({ file_name }) => readFileSync(join(folder, file_name)))

  it('leaves them out, counts them, and keeps those that judge says more of', async () => {
    const made = await make(output, '0.6')
    expect(made.code, made.stderr).toBe(0)
    const { doubted } = made.last['leftOut'] as { doubted: number }
    expect(made.last).toMatchObject({ type: 'done', made: 24 })
    expect(doubted).toBeGreaterThan(5)
    expect(readFileSync(join(output, 'README.md'), 'utf8')).toContain(
      `${doubted} among the 60% that the judge`,
    )
    const ledger = readFileSync(join(output, 'generation.jsonl'), 'utf8').trim().split('\n')
    const counted = ledger.map((line) => (JSON.parse(line) as { doubted: number }).doubted)
    expect(counted.reduce((sum, count) => sum + count)).toBe(doubted)
  })

  it('its scores are those that judge gives of its files, and above those of a set that keeps all', async () => {
    const all = join(room, 'all')
    expect((await make(all, '0')).code).toBe(0)
    expect(rowsOf(all)[0]).not.toHaveProperty('judge_score')
    const meanOf = async (folder: string, label: string) => {
      const told = await runCli([
        'judge',
        classy,
        join(folder, 'train', label),
        '--label',
        label,
        '--threads',
        '1',
        '--json',
      ])
      expect(told.code, told.stderr).toBe(0)
      return { told: asked(told), mean: (told.last as { asked: { mean: number } }).asked.mean }
    }
    for (const label of CLASSES) {
      const { told, mean } = await meanOf(output, label)
      const scores = rowsOf(output).filter((row) => row.label === label)
      expect(told).toHaveLength(scores.length)
      for (const { name, score } of told)
        expect(scores.find(({ file_name }) => file_name.endsWith(`/${name}`))!.judge_score).toBeCloseTo(
          score,
          6,
        )
      expect(mean).toBeGreaterThan((await meanOf(all, label)).mean)
    }
  })

  it('goes on where it was stopped, to the same bytes', async () => {
    const before = bytesOf(output)
    const ledger = join(output, 'generation.jsonl')
    writeFileSync(
      ledger,
      readFileSync(ledger, 'utf8').split('\n').slice(0, 7).join('\n') + '\n{"slot":7,"att',
    )
    for (const { file_name } of rowsOf(output).slice(7)) unlinkSync(join(output, file_name))
    const again = await make(output, '0.6')
    expect(again.events.find(({ type }) => type === 'generation-started')).toMatchObject({
      already: 7,
      total: 24,
    })
    expect(again.last).toMatchObject({ type: 'done', made: 24 })
    expect(bytesOf(output)).toEqual(before)
  })

  it("finds the judge of a run's own model; a model file alone has none", async () => {
    const [own] = readdirSync(join(classy, 'models'))
    const flags = [
      '--count',
      '24',
      '--least-difference',
      '0',
      '--drop-lowest',
      '0.6',
      '--no-figures',
      '--threads',
      '1',
      '--json',
    ]
    const found = await runCli([
      'generate',
      '--model',
      join(classy, 'models', own!),
      '--output',
      join(room, 'own'),
      ...flags,
    ])
    expect(found.code, found.stderr).toBe(0)
    expect(bytesOf(join(room, 'own'))).toEqual(bytesOf(output))
    const alone = join(room, 'alone.safetensors')
    copyFileSync(join(classy, 'models', own!), alone)
    const refused = await runCli(['generate', '--model', alone, '--output', join(room, 'none'), ...flags])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('alone.safetensors is a model file alone')
    expect(refused.stderr).toContain('diptych generate PROJECT --run')
    const both = await runCli(['generate', classy, '--model', alone, '--output', join(room, 'none')])
    expect(both.stderr).toContain('Both a model and a project were named')
  })
})
