import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { randomUniform } from '../../../src/core/random.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import {
  evaluateFolders,
  type FolderEvent,
  type FolderRequest,
} from '../../../src/engine/evaluation/evaluateFolders.ts'
import { temporaryFolder } from '../training/support/tinyProject.ts'

type Drawn = { side?: number; channels?: 1 | 3; seed?: number; shift?: number }

/** Noise between 50 and 150, and the same a little lighter. */
async function draw(
  path: string,
  { side = 16, channels = 3, seed = 1, shift = 0 }: Drawn = {},
): Promise<void> {
  const data = Uint8Array.from({ length: side * side * channels }, (_, at) =>
    Math.round(50 + shift + 100 * randomUniform(seed, Math.floor(at / channels))),
  )
  await mkdir(join(path, '..'), { recursive: true })
  const picture = sharp(data, { raw: { width: side, height: side, channels } })
  await (path.endsWith('.tiff') ? picture.tiff({ compression: 'none' }) : picture).toFile(path)
}

async function score(
  request: Partial<FolderRequest> & { room: string },
  signal = new AbortController().signal,
) {
  const { room, ...changes } = request
  const all: FolderEvent[] = []
  const given = {
    made: join(room, 'made'),
    real: join(room, 'real'),
    metrics: ['l1', 'psnr'] as const,
    ...changes,
  }
  for await (const event of evaluateFolders(given, signal)) all.push(event)
  const findings = all.flatMap((event) => (event.type === 'finding' ? [event.finding] : []))
  const last = all.at(-1)
  if (last?.type !== 'folders-evaluated') throw new Error('No result.')
  return { ...last, findings }
}

test('pictures of the same name are compared, whatever their formats and capitals; grey beside colour too', async () => {
  const room = await temporaryFolder()
  await draw(join(room, 'made', 'sub', 'One.png'), { shift: 51 })
  await draw(join(room, 'real', 'sub', 'one.tiff'))
  await draw(join(room, 'made', 'two.png'), { seed: 2, channels: 1, shift: 51 })
  await draw(join(room, 'real', 'two.png'), { seed: 2 })
  const before = tf.memory().numTensors
  const { made, real, pairs, measurements, findings } = await score({ room })
  expect(tf.memory().numTensors).toBe(before)
  expect({ made, real, pairs, findings }).toEqual({ made: 2, real: 2, pairs: 2, findings: [] })
  expect(measurements.map(({ metric, count }) => [metric, count])).toEqual([
    ['l1', 2],
    ['psnr', 2],
  ])
  expect(measurements[0]?.value).toBeCloseTo(0.2, 6)
  expect(measurements[1]?.value).toBeCloseTo(-20 * Math.log10(0.2), 6)
})

test('equal pictures count as 100 dB, so that there is a mean', async () => {
  const room = await temporaryFolder()
  for (const folder of ['made', 'real']) await draw(join(room, folder, 'a.png'))
  expect((await score({ room })).measurements).toMatchObject([{ value: 0 }, { value: 100 }])
})

test('other sizes, pictures that cannot be read and partners that are missing are named, and the rest is scored', async () => {
  const room = await temporaryFolder()
  await draw(join(room, 'made', 'large.png'), { side: 20 })
  await draw(join(room, 'real', 'large.png'))
  await draw(join(room, 'made', 'good.png'), { shift: 51 })
  await draw(join(room, 'real', 'good.png'))
  await draw(join(room, 'real', 'alone.png'))
  await writeFile(join(room, 'made', 'broken.png'), 'no picture')
  await draw(join(room, 'real', 'broken.png'))
  const { made, real, pairs, measurements, findings } = await score({ room })
  expect({ made, real, pairs }).toEqual({ made: 2, real: 4, pairs: 1 })
  expect(measurements[0]).toMatchObject({ count: 1, low: null, note: expect.stringContaining('1 pair') })
  expect(measurements[0]?.value).toBeCloseTo(0.2, 6)
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['unmatched', 'sizes-differ']))
  expect(findings.find(({ file }) => file?.path.includes('broken'))).toMatchObject({ level: 'warning' })
  expect(findings.find(({ code }) => code === 'sizes-differ')?.message).toContain('20x20 px')
})

test('folders without a common name have no figures of pairs, and say so', async () => {
  const room = await temporaryFolder()
  await draw(join(room, 'made', 'a.png'))
  await draw(join(room, 'real', 'b.png'))
  const { measurements, findings } = await score({ room })
  expect(findings).toEqual([])
  expect(measurements[0]).toMatchObject({
    value: null,
    count: 0,
    note: 'None of these pictures has a true partner.',
  })
})

test('the usual metrics look at pairs and at the folders as a whole, with counts, and leave no tensor', async () => {
  const room = await temporaryFolder()
  for (let seed = 1; seed <= 11; seed += 1) {
    const drawn = { seed, side: seed === 3 ? 40 : 24 }
    await draw(join(room, 'made', `${seed}.png`), { ...drawn, shift: 60 })
    await draw(join(room, 'real', `${seed}.png`), drawn)
  }
  await draw(join(room, 'real', 'more.png'), { seed: 12 })
  const given = { made: join(room, 'made'), real: join(room, 'real') }
  const before = tf.memory().numTensors
  const events = await Array.fromAsync(evaluateFolders(given, new AbortController().signal))
  expect(tf.memory().numTensors).toBe(before)
  const last = events.at(-1)
  const found = new Map(
    last?.type === 'folders-evaluated' ? last.measurements.map((one) => [one.metric, one]) : [],
  )
  for (const id of ['l1', 'psnr', 'ssim', 'stLpips', 'kid', 'precision', 'recall'] as const)
    expect([id, found.get(id)?.count, typeof found.get(id)?.value]).toEqual([id, 11, 'number'])
  expect(found.get('stLpips')?.value).toBeGreaterThan(0)
  expect(found.get('msSsim')).toMatchObject({ value: null, note: 'The pictures are too small for it.' })
  expect(found.get('kid')?.note).toContain('11 made pictures and 12 real ones')
  expect(found.get('frechet')).toMatchObject({ value: null, note: expect.stringContaining('1500') })
  expect(found.has('kidInception')).toBe(false)

  const self = await Array.fromAsync(
    evaluateFolders(
      { made: given.real, real: given.real, metrics: ['precision', 'recall', 'stLpips'] },
      new AbortController().signal,
    ),
  )
  const perfect = self.at(-1)
  const values = perfect?.type === 'folders-evaluated' ? perfect.measurements.map(({ value }) => value) : []
  expect(values).toEqual([0, 1, 1])
})

test('a folder that is missing or empty is refused; a signal ends it', async () => {
  const room = await temporaryFolder()
  await draw(join(room, 'made', 'a.png'))
  await expect(score({ room })).rejects.toMatchObject({ refusal: { code: 'usage' } })
  await mkdir(join(room, 'real'))
  await expect(score({ room })).rejects.toThrow('no picture in')
  await draw(join(room, 'real', 'a.png'))
  await expect(score({ room }, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
})

test('variety tells pictures that all look alike from pictures that differ', async () => {
  const [alike, unlike] = [await temporaryFolder(), await temporaryFolder()]
  for (const seed of [1, 2, 3, 4]) {
    await draw(join(alike, 'made', `${seed}.png`), { side: 40 })
    await draw(join(unlike, 'made', `${seed}.png`), { side: 40, seed })
    for (const room of [alike, unlike]) await draw(join(room, 'real', `${seed}.png`), { side: 40, seed })
  }
  const diversity = async (room: string) => (await score({ room, metrics: ['diversity'] })).measurements[0]
  expect(await diversity(alike)).toMatchObject({ metric: 'diversity', count: 4, value: expect.closeTo(0, 5) })
  expect((await diversity(unlike))?.value).toBeGreaterThan(0.01)
})

test('imported weights are refused where they are missing or something else', async () => {
  const room = await temporaryFolder()
  for (const folder of ['made', 'real']) await draw(join(room, folder, 'a.png'), { side: 40 })
  const request = { room, metrics: ['kidInception'] as const }
  await expect(score(request)).rejects.toMatchObject({ refusal: { code: 'usage' } })
  const inception = join(room, 'weights.safetensors')
  await expect(score({ ...request, inception })).rejects.toMatchObject({ refusal: { code: 'model-missing' } })
  await writeFile(inception, 'not weights at all')
  await expect(score({ ...request, inception })).rejects.toMatchObject({
    refusal: { code: 'safetensors-damaged' },
  })
})
