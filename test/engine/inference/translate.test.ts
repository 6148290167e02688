import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { translateOptions } from '../../../src/core/translation/events.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { readHeader, readPicture } from '../../../src/engine/imaging/read.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { translate, type TranslationEvent } from '../../../src/engine/inference/translate.ts'
import { writeModelFile } from '../../../src/engine/interchange/modelFile.ts'
import { noise, put, samplePicture, temporaryFolder } from '../imaging/awkward.ts'
import { headerFor, weightsFor } from './models.ts'

const root = temporaryFolder()
const modelPath = join(root, 'model.safetensors')
let folder = ''
let rounds = 0

beforeAll(async () => {
  await openBackend({ threads: 2 })
  const header = headerFor('unet_16', { ngf: 2, norm: 'none', dropout: false })
  const tensors = [...weightsFor(header)].map(([name, { shape, data }]) => ({
    name,
    shape,
    data: () => data,
  }))
  await writeModelFile(modelPath, header, tensors)
})
beforeEach(() => {
  folder = join(root, `round-${(rounds += 1)}`)
  mkdirSync(join(folder, 'in'), { recursive: true })
})

type Asked = { inputs?: string[]; output?: string; options?: object; signal?: AbortSignal }
async function run({
  inputs = [join(folder, 'in')],
  output = join(folder, 'out'),
  options = {},
  signal,
}: Asked = {}) {
  const events: TranslationEvent[] = []
  const request = { modelPath, inputs, output, options: translateOptions.parse(options) }
  for await (const event of translate(request, signal ?? new AbortController().signal)) events.push(event)
  const last = events.at(-1)
  return {
    events,
    last,
    counts: last?.type === 'translate-done' ? [last.translated, last.failed, last.skipped] : [],
  }
}
const picture = (path: string, width = 20, height = 12, more = {}) =>
  writePicture(join(folder, path), samplePicture(width, height, more), {
    format: path.endsWith('.png') ? 'png' : path.endsWith('.tif') ? 'tiff' : 'jpeg',
  })
const filesBelow = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()
const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a folder', () => {
  it('is mirrored; bad pictures are named and the rest go on; originals stay as they are', async () => {
    await picture('in/a.png', 20, 12, { bitDepth: 16, alpha: true })
    await picture('in/sub/deep/Größe.jpg', 33, 17)
    await picture('in/.hidden/x.png')
    put(join(folder, 'in'), 'notes.txt', 'not a picture, and does not claim to be one')
    put(join(folder, 'in'), 'text.png', 'text')
    put(join(folder, 'in'), 'empty.jpg', '')
    const jpeg = await noise(200, 200).jpeg().toBuffer()
    put(join(folder, 'in/sub'), 'half.jpg', jpeg.subarray(0, jpeg.length / 2))
    const before = filesBelow(join(folder, 'in')).map((name) => hashOf(join(folder, 'in', name)))
    const { events, counts } = await run()
    expect(counts).toEqual([2, 3, 0])
    expect(filesBelow(join(folder, 'out'))).toEqual(['a.png', 'sub/deep/Größe.jpg'])
    expect(await readHeader(join(folder, 'out/a.png'))).toMatchObject({
      widthPx: 20,
      heightPx: 12,
      bitDepth: 16,
      hasAlpha: true,
    })
    expect(await readHeader(join(folder, 'out/sub/deep/Größe.jpg'))).toMatchObject({
      widthPx: 33,
      heightPx: 17,
    })
    const failed = events.flatMap((event) => (event.type === 'item-failed' ? [event.refusal] : []))
    expect(failed.map(({ code }) => code).sort()).toEqual([
      'picture-empty',
      'picture-is-text',
      'picture-truncated',
    ])
    for (const { message, remedy } of failed) expect(message.length > 10 && remedy.length > 10).toBe(true)
    expect(filesBelow(join(folder, 'in')).map((name) => hashOf(join(folder, 'in', name)))).toEqual(before)
  })

  it('is gone on with where it stopped, and overwritten only when asked to', async () => {
    for (let index = 0; index < 4; index += 1) await picture(`in/${index}.png`)
    await run()
    const first = hashOf(join(folder, 'out/0.png'))
    rmSync(join(folder, 'out/2.png'))
    put(join(folder, 'out'), '1.png', 'precious')
    expect((await run()).counts).toEqual([1, 0, 3])
    expect(readFileSync(join(folder, 'out/1.png'), 'utf8')).toBe('precious')
    expect((await run({ options: { overwrite: true } })).counts).toEqual([4, 0, 0])
    expect(hashOf(join(folder, 'out/0.png'))).toBe(first)
  })

  it('is never mixed with its results', async () => {
    await picture('in/a.png')
    const mixed = await run({ output: join(folder, 'in') })
    expect(mixed.last).toMatchObject({ type: 'translate-failed', refusal: { code: 'output-is-input' } })
    symlinkSync(join(folder, 'in'), join(folder, 'link'))
    expect((await run({ output: join(folder, 'link') })).last?.type).toBe('translate-failed')
    // Results inside the folder are not taken for originals the next time.
    expect((await run({ output: join(folder, 'in/results') })).counts).toEqual([1, 0, 0])
    expect((await run({ output: join(folder, 'in/results') })).counts).toEqual([0, 0, 1])
  })
})

describe('several inputs', () => {
  it('never share a result, and never take the place of an original', async () => {
    await picture('in/a.jpg')
    await picture('in/a.png')
    await picture('other/a.png')
    await run({ options: { format: 'png' } })
    expect(filesBelow(join(folder, 'out'))).toEqual(['a (2).png', 'a.png'])
    await run({ inputs: [join(folder, 'in'), join(folder, 'other')], output: join(folder, 'both') })
    expect(filesBelow(join(folder, 'both'))).toEqual(['in/a.jpg', 'in/a.png', 'other/a.png'])
    const hash = hashOf(join(folder, 'other/a.png'))
    const beside = await run({
      inputs: [join(folder, 'other/a.png')],
      output: join(folder, 'other'),
      options: { overwrite: true },
    })
    expect(beside.counts).toEqual([1, 0, 0])
    expect(filesBelow(join(folder, 'other'))).toEqual(['a (2).png', 'a.png'])
    expect(hashOf(join(folder, 'other/a.png'))).toBe(hash)
  })

  it('are refused as a whole when there is nothing in them', async () => {
    expect((await run()).last).toMatchObject({
      type: 'translate-failed',
      refusal: { code: 'nothing-to-translate' },
    })
    await picture('in/a.png')
    const bad = await run({ inputs: [join(folder, 'in/a.png'), join(folder, 'in/no.png')] })
    expect(bad.counts).toEqual([1, 1, 0])
  })
})

describe('the course of it', () => {
  it('is told in order, with the time left; one picture is written while the next is computed', async () => {
    for (let index = 0; index < 5; index += 1) await picture(`in/${index}.png`)
    const { events } = await run()
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['translate-started', 'translate-done'])
    const told = (wanted: string) =>
      events.flatMap((event, at) => (event.type === wanted && 'index' in event ? [{ ...event, at }] : []))
    const [tiles, written] = [told('tile'), told('translated')]
    for (const some of [tiles, written]) expect(some.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    for (const { index, at } of written) {
      expect(at).toBeGreaterThan(tiles[index]?.at ?? Infinity)
      expect(at).toBeLessThan(tiles[index + 2]?.at ?? Infinity)
    }
    expect(written.at(-1)).toMatchObject({ index: 4, total: 5, secondsLeft: 0 })
  })

  it('ends within a tile when cancelled, without half a file, and says how far it came', async () => {
    for (let index = 0; index < 5; index += 1) await picture(`in/${index}.png`)
    const stop = new AbortController()
    const seen: string[] = []
    const request = {
      modelPath,
      inputs: [join(folder, 'in')],
      output: join(folder, 'out'),
      options: translateOptions.parse({}),
    }
    for await (const event of translate(request, stop.signal)) {
      seen.push(event.type)
      if (event.type === 'tile' && event.index === 2) stop.abort()
      if (event.type === 'translate-done') expect(event).toMatchObject({ translated: 2, cancelled: true })
    }
    expect(seen.at(-1)).toBe('translate-done')
    expect(filesBelow(join(folder, 'out'))).toEqual(['0.png', '1.png'])
  })

  it('names a model that is none, and a result that has no place', async () => {
    await picture('in/a.png')
    const wrong = put(folder, 'wrong.safetensors', 'hello')
    const request = {
      modelPath: wrong,
      inputs: [join(folder, 'in')],
      output: join(folder, 'out'),
      options: translateOptions.parse({}),
    }
    const events = await Array.fromAsync(translate(request, new AbortController().signal))
    expect(events.map(({ type }) => type)).toEqual(['translate-failed'])
    const blocked = await run({ output: join(put(folder, 'file', 'x'), 'out') })
    expect(blocked.events).toMatchObject([{ type: 'translate-failed', refusal: { code: 'not-a-folder' } }])
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  it('keeps what it knows of a photograph', async () => {
    const jpeg = await noise(30, 20)
      .withMetadata({ orientation: 6, density: 300, exif: { IFD0: { Model: 'M3 test' } } })
      .jpeg()
      .toBuffer()
    put(join(folder, 'in'), 'p.jpg', jpeg)
    await run()
    const made = await readPicture(join(folder, 'out/p.jpg'))
    expect([made.widthPx, made.heightPx, made.metadata.dotsPerInch]).toEqual([20, 30, 300])
    expect(made.metadata.exif?.includes('M3 test')).toBe(true)
  })
})
