import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scoreTable } from '../../src/cli/scoreTable.ts'
import { readModelHeader } from '../../src/engine/interchange/modelFile.ts'
import { runCli } from '../support/cli.ts'
import { makePairs, makeRoom, TINY_FLAGS } from '../support/tinyProject.ts'

const room = makeRoom()
const project = join(room, 'tiny')
const pixels = ['--metrics', 'l1,psnr,ssim']
let folders: { a: string; b: string }
afterAll(() => rmSync(room, { recursive: true, force: true }))
beforeAll(async () => {
  folders = await makePairs(room)
  await runCli(['new', project, '--a', folders.a, '--b', folders.b])
  await runCli(['train', project, ...TINY_FLAGS, '--steps', '8'])
}, 60_000)

describe('evaluate', () => {
  it('shows a line a saved state, marks the best, and says how to pick one; pick makes it the model', async () => {
    const { code, stdout } = await runCli(['evaluate', project, ...pixels])
    expect(code).toBe(0)
    expect(stdout).toContain('validation pictures')
    expect(stdout).toMatch(/^step 4 .*\d\.\d{4} \[\d\.\d{4}, \d\.\d{4}\]/m)
    expect(stdout).toMatch(/^step 8 .* \*/m)
    expect(stdout).toContain(`diptych pick ${project} --run run-001 --step N`)
    const again = await runCli(['evaluate', project, ...pixels, '--json'])
    expect(again.events.map(({ type }) => type)).toEqual(['evaluated'])

    const picked = await runCli(['pick', project, '--step', '4', '--json'])
    const model = join(project, 'models', 'tiny-run-001.safetensors')
    expect(picked.last).toEqual({ type: 'picked', run: 'run-001', step: 4, model })
    expect((await readModelHeader(model)).training?.atStep).toBe(4)
    expect((await runCli(['evaluate', project, ...pixels])).stdout).toContain('step 4 (the model)')
  }, 60_000)

  it('scores the model alone on test pictures, and says that choosing by them spoils them', async () => {
    const { code, last } = await runCli(['evaluate', project, '--split', 'test', ...pixels, '--json'])
    expect(code).toBe(0)
    expect(last).toMatchObject({
      type: 'evaluated',
      rows: [{ split: 'test', measurements: [{ count: 2 }, {}, {}] }],
    })
    const { stdout } = await runCli(['evaluate', project, '--split', 'test', ...pixels])
    expect(stdout).toContain('Do not choose a state by these figures')
  }, 60_000)

  it('compares two folders by names, and names what cannot be compared', async () => {
    const made = join(room, 'made')
    cpSync(join(folders.b, 'train'), made, { recursive: true })
    cpSync(join(folders.a, 'val', '0.png'), join(made, '0.png'))
    const { last } = await runCli([
      'evaluate',
      '--made',
      made,
      '--real',
      join(folders.b, 'train'),
      ...pixels,
      '--json',
    ])
    expect(last).toMatchObject({
      type: 'folders-evaluated',
      made: 6,
      real: 6,
      pairs: 6,
      measurements: [{ metric: 'l1', count: 6 }, {}, {}],
    })
  }, 60_000)

  it('refuses what it cannot mean, with exit code 2', async () => {
    const wrong: [string[], string][] = [
      [['evaluate'], '--made'],
      [['evaluate', project, '--split', 'train'], '--split'],
      [['evaluate', project, '--steps', 'some'], '--steps'],
      [['evaluate', project, '--metrics', 'pnsr'], 'psnr'],
      [['evaluate', project, '--run', 'run-009'], 'run-009'],
      [['evaluate', project, '--made', folders.a], '--made'],
      [['evaluate', '--made', folders.a], '--real'],
      [['evaluate', '--made', folders.a, '--real', join(room, 'nowhere')], 'nowhere'],
      [['evaluate', '--made', folders.a, '--real', folders.b, '--steps', 'all'], '--steps'],
      [['pick', project, '--step', 'best'], '--step'],
    ]
    for (const [args, word] of wrong) {
      const { code, stderr } = await runCli(args)
      expect([args.join(' '), code]).toEqual([args.join(' '), 2])
      expect(stderr).toContain(word)
    }
  }, 60_000)
})

describe('the table', () => {
  const one = (metric: 'l1' | 'psnr' | 'kid', value: number | null, note: string | null = null) => ({
    ...{ metric, value, low: value && value - 0.01, high: value && value + 0.01 },
    ...{ count: 3, note },
  })

  it('marks the lowest where low is good and the highest where high is, and tells why a figure is missing', () => {
    const table = scoreTable(
      [
        { label: 'step 1', measurements: [one('l1', 0.2), one('psnr', 20), one('kid', null, 'Too few.')] },
        { label: 'step 2', measurements: [one('l1', 0.1), one('psnr', 19), one('kid', null, 'Too few.')] },
      ],
      200,
    )
    expect(table).toMatch(/^step 1 +0\.2000 \[0\.1900, 0\.2100\] +20\.00 \[19\.99, 20\.01\] \* +-$/m)
    expect(table).toMatch(/^step 2 +0\.1000 \[0\.0900, 0\.1100\] \* +19\.00 \[18\.99, 19\.01\] +-$/m)
    expect(table).toMatch(/^KID \(EffNet-Lite0\): Too few\.$/m)
  })

  it('goes on in a further table where a terminal is narrow, under the same labels', () => {
    const lines = [{ label: 'step 1', measurements: [one('l1', 0.2), one('psnr', 20), one('kid', 0.3)] }]
    const rows = scoreTable(lines, 60).split('\n')
    expect(rows.filter((row) => row.startsWith('step 1'))).toHaveLength(2)
    const tables = rows.filter((row) => !row.startsWith('In brackets'))
    expect(Math.max(...tables.map((row) => row.length))).toBeLessThanOrEqual(60)
  })
})
