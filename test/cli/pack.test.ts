import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writePicture } from '../../src/engine/imaging/write.ts'
import { samplePicture } from '../engine/imaging/awkward.ts'
import { runCli } from '../support/cli.ts'
import { makeRoom } from '../support/tinyProject.ts'

const room = makeRoom()
afterAll(() => rmSync(room, { recursive: true, force: true }))
const at = (place: string) => join(room, place)

it('matches results with their originals by place, whatever the extension, and packs them with labels', async () => {
  await writePicture(at('before/shoe/1.png'), samplePicture(8, 8), { format: 'png' })
  await writePicture(at('before/bag/1.png'), samplePicture(8, 8), { format: 'png' })
  await writePicture(at('after/shoe/1.webp'), samplePicture(8, 8), { format: 'webp' })
  await writePicture(at('after/bag/1.png'), samplePicture(8, 8), { format: 'png' })
  await writePicture(at('after/bag/2.png'), samplePicture(8, 8), { format: 'png' })
  const flags = ['--before', at('before'), '--after', at('after'), '--output', at('set'), '--json']
  const { code, last } = await runCli(['pack', '--as', 'labelled-set', ...flags])
  expect([code, last]).toEqual([0, { type: 'done', written: 3, failed: 0, withoutOriginal: 1 }])
  const table = readFileSync(at('set/labels.csv'), 'utf8')
  expect(table).toContain('shoe/1.png,shoe,,1.png')
  expect(table).toContain('bag/1.png,bag,,1.png')
})

it('packs variants with the labels of their originals, and a table that names source, label and seed', async () => {
  await writePicture(at('few/train/shoe/1.png'), samplePicture(8, 8), { format: 'png' })
  writeFileSync(at('few/train/shoe/1.txt'), '0 0.5 0.5 1 1')
  const row = { source: 'train/shoe/1.png', label: 'shoe', split: 'train', style_seed: 7 }
  const rows = [1, 2].map((variant) => ({ file_name: `train/shoe/1_${variant}.png`, ...row, variant }))
  for (const { file_name } of rows)
    await writePicture(at(`many/${file_name}`), samplePicture(8, 8), { format: 'png' })
  writeFileSync(at('many/variants.jsonl'), rows.map((one) => `${JSON.stringify(one)}\n`).join(''))
  const flags = ['--before', at('few'), '--after', at('many'), '--output', at('more'), '--json']
  const { code, last } = await runCli(['pack', '--as', 'labelled-set', ...flags])
  expect([code, last]).toEqual([0, { type: 'done', written: 5, failed: 0, withoutOriginal: 0 }])
  expect(readdirSync(at('more/train/shoe')).sort()).toEqual(['1_1.png', '1_1.txt', '1_2.png', '1_2.txt'])
  expect(readFileSync(at('more/labels.csv'), 'utf8').trim().split('\r\n')).toEqual([
    'file,label,split,original,variant,style seed',
    'train/shoe/1_1.png,shoe,train,1.png,1,7',
    'train/shoe/1_2.png,shoe,train,1.png,2,7',
  ])
})

it('says what fits when nothing matches or the way is unknown', async () => {
  const flags = ['--before', at('before/bag'), '--after', at('before'), '--output', at('none')]
  const nothing = await runCli(['pack', '--as', 'pictures', ...flags])
  expect(nothing.code).not.toBe(0)
  expect(nothing.stderr).toContain('--before')
  const unknown = await runCli(['pack', '--as', 'labeled-set', ...flags])
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('Did you mean labelled-set?')
})
