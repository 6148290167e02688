import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { translateOptions } from '../../../src/core/translation/events.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { translate, type TranslationEvent } from '../../../src/engine/inference/translate.ts'
import { codeOf } from '../../../src/engine/inference/variants.ts'
import { writeModelFile } from '../../../src/engine/interchange/modelFile.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { samplePicture, temporaryFolder } from '../imaging/awkward.ts'
import { headerFor, weightsFor } from './models.ts'

const root = temporaryFolder()
const LATENT = 3
const withCodes = join(root, 'codes.safetensors')
const withLabels = join(root, 'labels.safetensors')
const plain = join(root, 'plain.safetensors')
let folder = ''
let rounds = 0

async function makeModel(
  path: string,
  inputChannels: number,
  condition?: { latent: number; labels: string[] },
) {
  const latent = condition?.latent ? { latent: condition.latent } : {}
  const options = { ngf: 2, norm: 'none', dropout: false, inputChannels, ...latent }
  const header = { ...headerFor('unet_16', options), ...(condition && { condition }) }
  const tensors = [...weightsFor(header)].map(([name, { shape, data }]) => ({
    name,
    shape,
    data: () => data,
  }))
  await writeModelFile(path, header, tensors)
}

beforeAll(async () => {
  await openBackend({ threads: 2 })
  await makeModel(withCodes, 3 + LATENT, { latent: LATENT, labels: [] })
  await makeModel(withLabels, 3 + 2, { latent: 0, labels: ['summer', 'winter'] })
  await makeModel(plain, 3)
})
beforeEach(async () => {
  folder = join(root, `round-${(rounds += 1)}`)
  mkdirSync(join(folder, 'in'), { recursive: true })
  for (const place of ['train/cat/a.png', 'train/dog/a.png', 'test/dog/b.png'])
    await writePicture(join(folder, 'in', place), samplePicture(20, 12), { format: 'png' })
})

type Asked = { model?: string; options?: object; output?: string; inputs?: string[]; stopsEarly?: boolean }
async function run({
  model = withCodes,
  options = {},
  output = 'out',
  inputs = ['in'],
  stopsEarly,
}: Asked = {}) {
  const request = {
    modelPath: model,
    inputs: inputs.map((input) => join(folder, input)),
    output: join(folder, output),
    options: translateOptions.parse(options),
  }
  const events: TranslationEvent[] = []
  const stop = new AbortController()
  for await (const event of translate(request, stop.signal)) {
    events.push(event)
    if (stopsEarly && event.type === 'translated') stop.abort()
  }
  return events
}
function filesIn(output: string): string[] {
  return readdirSync(join(folder, output), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, output).length + 1))
    .sort()
}
const bytesOf = (...place: string[]) => readFileSync(join(folder, ...place)).toString('base64')
const rowsOf = (output: string) =>
  readFileSync(join(folder, output, 'variants.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('variants', () => {
  it('are as many as asked for, each another, and stand in a table with source, label and seed', async () => {
    const events = await run({ options: { variants: 3, styleSeed: 7 } })
    expect(events.at(-1)).toMatchObject({ type: 'translate-done', translated: 9 })
    const pictures = ['test/dog/b', 'train/cat/a', 'train/dog/a']
    const files = pictures.flatMap((one) => [1, 2, 3].map((number) => `${one}_${number}.png`))
    expect(filesIn('out')).toEqual([...files, 'variants.jsonl'].sort())
    expect(new Set([1, 2, 3].map((number) => bytesOf('out', `train/cat/a_${number}.png`))).size).toBe(3)
    const rows = rowsOf('out')
    expect(rows.map(({ file_name }) => file_name)).toEqual(files)
    expect(rows[4]).toEqual({
      file_name: 'train/cat/a_2.png',
      source: 'train/cat/a.png',
      label: 'cat',
      split: 'train',
      variant: 2,
      style_seed: 7,
    })
    const told = events.flatMap((event) => (event.type === 'translated' ? [event.variant] : []))
    expect(told[5]).toEqual({ number: 3, of: 3, styleSeed: 7 })
  })

  it('are exact from the seed and the name, whatever the folder and however many there are', async () => {
    await run({ options: { variants: 2 } })
    await run({ options: { variants: 1 }, inputs: ['in/train/dog/a.png'], output: 'alone' })
    await run({ options: { variants: 2, styleSeed: 2 }, output: 'other' })
    expect(bytesOf('alone', 'a_1.png')).toBe(bytesOf('out', 'train/dog/a_1.png'))
    expect(bytesOf('out', 'train/cat/a_1.png')).toBe(bytesOf('out', 'train/dog/a_1.png'))
    expect(bytesOf('out', 'test/dog/b_1.png')).not.toBe(bytesOf('out', 'train/dog/a_1.png'))
    expect(bytesOf('other', 'train/cat/a_1.png')).not.toBe(bytesOf('out', 'train/cat/a_1.png'))
  })

  it('go on where they were stopped, and the table says of each by which seed it was made', async () => {
    await run({ options: { variants: 2 }, output: 'whole' })
    const stopped = await run({ options: { variants: 2 }, stopsEarly: true })
    expect(stopped.at(-1)).toMatchObject({ type: 'translate-done', cancelled: true })
    expect(filesIn('out').length).toBeLessThan(filesIn('whole').length)
    await run({ options: { variants: 2 } })
    expect(filesIn('out')).toEqual(filesIn('whole'))
    for (const file of filesIn('whole')) expect(bytesOf('out', file), file).toBe(bytesOf('whole', file))
    rmSync(join(folder, 'out/train/cat/a_2.png'))
    const events = await run({ options: { variants: 2, styleSeed: 9 } })
    const seeds = events.flatMap((event) =>
      event.type === 'item-skipped' || event.type === 'translated' ? [event.variant?.styleSeed] : [],
    )
    expect(seeds.toSorted()).toEqual([1, 1, 1, 1, 1, 9])
    expect(rowsOf('out').filter(({ style_seed }) => style_seed === 9)).toEqual([
      expect.objectContaining({ file_name: 'train/cat/a_2.png' }),
    ])
  })

  it('are not asked for: one result, the middle answer, the same every time', async () => {
    await run()
    await run({ options: { styleSeed: 5 }, output: 'again' })
    expect(filesIn('out')).toEqual(['test/dog/b.png', 'train/cat/a.png', 'train/dog/a.png'])
    expect(bytesOf('again', 'train/cat/a.png')).toBe(bytesOf('out', 'train/cat/a.png'))
  })

  it.each([
    ['a model of one answer', plain, '', 'one answer for each picture'],
    ['a model that knows looks', withLabels, 'winter', '--label'],
  ])('are refused of %s, before anything is written', async (_, model, label, said) => {
    const events = await run({ model, options: { variants: 2, label } })
    const last = events.at(-1)!
    expect(last.type).toBe('translate-failed')
    if (last.type !== 'translate-failed') return
    expect(last.refusal.code).toBe('variants-none')
    expect(`${last.refusal.message} ${last.refusal.remedy}`).toContain(said)
    expect(readdirSync(folder)).toEqual(['in'])
  })
})

it('a model that knows looks turns colour pictures into each of them', async () => {
  const inputs = ['in/train/cat/a.png']
  for (const label of ['summer', 'winter'])
    expect(
      (await run({ model: withLabels, options: { label }, inputs, output: label })).at(-1),
    ).toMatchObject({
      translated: 1,
      failed: 0,
    })
  expect(bytesOf('summer', 'a.png')).not.toBe(bytesOf('winter', 'a.png'))
})

it('codes are standard normal', () => {
  const header = { ...headerFor('unet_16', {}), condition: { latent: 1000, labels: [] } }
  const code = codeOf(header, 'a.png', 1, 1)
  const mean = code.reduce((sum, value) => sum + value, 0) / code.length
  const variance = code.reduce((sum, value) => sum + (value - mean) ** 2, 0) / code.length
  expect(Math.abs(mean)).toBeLessThan(0.1)
  expect(Math.abs(variance - 1)).toBeLessThan(0.15)
})
