import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'
import { makePairs, makeRoom, TINY_FLAGS } from '../support/tinyProject.ts'

const room = makeRoom()
const project = join(room, 'tiny')
let pairs = { a: '', b: '' }
let model = ''

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

beforeAll(async () => {
  pairs = await makePairs(room)
})
afterAll(() => rmSync(room, { recursive: true, force: true }))

describe.sequential('the main job on the command line', () => {
  it('makes a project and finds nothing wrong with it', async () => {
    const made = await runCli(['new', project, '--a', pairs.a, '--b', pairs.b, '--json'])
    expect(made.code, made.stderr).toBe(0)
    const checked = await runCli(['check', project, '--json'])
    expect(checked.last).toMatchObject({
      type: 'checked',
      pairs: 10,
      counts: { train: 6, val: 2, test: 2 },
      errors: 0,
    })
  })

  it('trains; every event is a line and the last is the result', async () => {
    const trained = await runCli(['train', project, '--steps', '12', '--seed', '3', ...TINY_FLAGS, '--json'])
    expect(trained.code, trained.stderr).toBe(0)
    expect(trained.last).toMatchObject({ type: 'done', run: 'run-001', step: 12 })
    model = String(trained.last.model)
    expect(existsSync(model)).toBe(true)
    const steps = trained.events.filter((event) => event.type === 'step')
    expect(steps.map((event) => event.step)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
    expect(Object.keys(steps[0]?.losses ?? {}).sort()).toEqual(['D_fake', 'D_real', 'G_GAN', 'G_L1'])
  })

  it('is interrupted with 130, resumed, and ends with the same model, byte for byte', async () => {
    const other = join(room, 'other')
    await runCli(['new', other, '--a', pairs.a, '--b', pairs.b])
    const flags = ['--steps', '12', '--seed', '3', ...TINY_FLAGS, '--json']
    const stopped = await runCli(['train', other, ...flags], (line, kill) => {
      if (line.includes('"type":"step"') && line.includes('"step":6,')) kill('SIGTERM')
    })
    expect(stopped.code).toBe(130)
    expect(stopped.last.type).toBe('stopped')
    const resumed = await runCli(['train', other, '--resume', '--json'])
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(hashOf(String(resumed.last.model))).toBe(hashOf(model))
  })

  it('is interrupted with 130 before its first step, and resumed from what was asked', async () => {
    const early = join(room, 'early')
    await runCli(['new', early, '--a', pairs.a, '--b', pairs.b])
    const flags = ['--steps', '12', '--seed', '3', ...TINY_FLAGS, '--json']
    const asked = join(early, 'runs', 'run-001', 'request.json')
    const stopped = await runCli(['train', early, ...flags], undefined, (kill) => {
      const watch = setInterval(() => {
        if (!existsSync(asked)) return
        clearInterval(watch)
        kill('SIGINT')
      }, 5)
    })
    expect(stopped.code, stopped.stderr).toBe(130)
    const resumed = await runCli(['train', early, '--resume', '--json'])
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(resumed.last.step).toBe(12)
  })

  it('reports figures beside the best linear map, in a page of its own', async () => {
    const report = await runCli(['report', project, '--json'])
    expect(report.code, report.stderr).toBe(0)
    expect(report.last).toMatchObject({ type: 'report', pairs: 2 })
    const page = readFileSync(String(report.last.file), 'utf8')
    expect(page).toContain(Number((report.last.scores as { l1: number }).l1).toFixed(4))
    expect(page).not.toMatch(/https?:/)
  })

  it('translates a folder: one bad picture is named, the rest go on, originals stay', async () => {
    const input = join(room, 'input')
    mkdirSync(join(input, 'sub'), { recursive: true })
    await sharp({ create: { width: 50, height: 41, channels: 3, background: '#336699' } })
      .jpeg()
      .toFile(join(input, 'a.jpg'))
    await sharp({ create: { width: 33, height: 64, channels: 3, background: '#996633' } })
      .png()
      .toFile(join(input, 'sub', 'b.png'))
    writeFileSync(join(input, 'bad.png'), 'no picture')
    const before = hashOf(join(input, 'a.jpg'))
    const output = join(room, 'output')
    const args = ['translate', '--model', model, input, '--output', output, '--json']
    const first = await runCli(args)
    expect(first.code).toBe(1)
    expect(first.last).toEqual({ type: 'done', translated: 2, failed: 1, skipped: 0 })
    expect(JSON.stringify(first.events.find((event) => event.type === 'item-failed'))).toContain('bad.png')
    const { width, height } = await sharp(join(output, 'a.jpg')).metadata()
    expect([width, height]).toEqual([50, 41])
    expect(readdirSync(join(output, 'sub'))).toEqual(['b.png'])
    expect(hashOf(join(input, 'a.jpg'))).toBe(before)
    const second = await runCli(args)
    expect(second.last).toEqual({ type: 'done', translated: 0, failed: 1, skipped: 2 })
  })

  it('scores nothing once the pictures have changed, since test pairs may have been trained on', async () => {
    copyFileSync(join(pairs.a, 'train', '0.png'), join(pairs.a, 'test', 'more.png'))
    copyFileSync(join(pairs.b, 'train', '0.png'), join(pairs.b, 'test', 'more.png'))
    const report = await runCli(['report', project, '--json'])
    expect(report.code).toBe(1)
    expect(report.last).toMatchObject({ type: 'refused', code: 'dataset-changed' })
  })
})
