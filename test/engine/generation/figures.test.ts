import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SetFigures } from '../../../src/core/generation/figures.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { openFeatures } from '../../../src/engine/evaluation/features.ts'
import { reportOf, type Labelled } from '../../../src/engine/evaluation/classifier.ts'
import { makeRoom } from '../../support/tinyProject.ts'
import { CLASSES, drawFolder, SIDE } from '../../support/shapes.ts'
import { makeSet, writeGenerator } from './support.ts'

const room = makeRoom()
const [model, real, set] = [join(room, 'model.safetensors'), join(room, 'real'), join(room, 'set')]
const counts = { train: { disc: 12, square: 7 }, test: { disc: 6, square: 6 } }
const request = { modelPath: model, realFolder: real, figures: true, worthSteps: 30, options: { count: 14 } }

beforeAll(async () => {
  await writeGenerator(model)
  // One made picture is planted among the training pictures, after the set was made beside them without it.
  await drawFolder(real, counts)
  await makeSet({ modelPath: model, output: join(room, 'first'), options: { count: 14 } })
  copyFileSync(join(room, 'first/train/square/000003.png'), join(real, 'train/disc/planted.png'))
  await makeSet({ ...request, output: set })
})
afterAll(() => rmSync(room, { recursive: true, force: true }))

const figures = () => JSON.parse(readFileSync(join(set, 'figures.json'), 'utf8')) as SetFigures
const filesIn = (folder: string) =>
  CLASSES.flatMap((label) =>
    readdirSync(join(folder, label)).map((name) => ({ label, path: join(folder, label, name) })),
  )
const grey = async (path: string) => sharp(path).toColourspace('b-w').raw().toBuffer()

describe('the figures of a set', () => {
  it('KID is what the definition says, pair by pair', async () => {
    const network = await openFeatures()
    const featuresOf = async (path: string) => {
      const data = Float32Array.from(await grey(path), (sample) => sample / 127.5 - 1)
      const [vector] = await network.featuresOf({ shape: [1, SIDE, SIDE, 1], data })
      return vector as Float64Array
    }
    const all = async (folder: string) => Promise.all(filesIn(folder).map(({ path }) => featuresOf(path)))
    const [made, truth] = [await all(join(set, 'train')), await all(join(real, 'test'))]
    network.dispose()
    const kernel = (x: Float64Array, y: Float64Array) =>
      (x.reduce((sum, value, index) => sum + value * (y[index] as number), 0) / x.length + 1) ** 3
    const meanOf = (xs: Float64Array[], ys: Float64Array[]) => {
      const values = xs.flatMap((x, i) => ys.flatMap((y, j) => (xs === ys && i === j ? [] : [kernel(x, y)])))
      return values.reduce((sum, value) => sum + value, 0) / values.length
    }
    const expected = meanOf(made, made) + meanOf(truth, truth) - 2 * meanOf(made, truth)
    const [kid, precision, recall] = figures().scores
    expect(kid).toMatchObject({ metric: 'kid', count: 12 })
    expect(kid?.value).toBeCloseTo(expected, 4)
    expect(kid?.low).toBeLessThan(expected)
    expect([precision?.metric, recall?.metric]).toEqual(['precision', 'recall'])
    expect(figures().byClass.map(({ label }) => label)).toEqual(CLASSES)
  })

  it('the planted copy is the closest, and shown so; every picture names its neighbour', () => {
    const { nearest } = figures()
    expect(nearest.closest[0]).toEqual({
      file: 'train/square/000003.png',
      real: 'train/disc/planted.png',
      difference: 0,
    })
    expect(nearest.least).toBe(0)
    expect(nearest.closest).toHaveLength(14)
    const rows = readFileSync(join(set, 'metadata.jsonl'), 'utf8').trim().split('\n')
    const told = rows.map((row) => JSON.parse(row) as { nearest_real: string; difference: number })
    expect(told.every(({ nearest_real }) => existsSync(join(real, nearest_real)))).toBe(true)
    expect(told.filter(({ difference }) => difference === 0)).toHaveLength(1)
    expect(readFileSync(join(set, 'labels.csv'), 'utf8')).toContain(
      'train/square/000003.png,square,train,1,5,0,train/disc/planted.png,0.00000',
    )
  })

  it('the gallery shows the copy beside what it copies', async () => {
    const side = 96
    const tile = async (left: number) =>
      sharp(join(set, 'closest.png')).extract({ left, top: 8, width: side, height: side }).raw().toBuffer()
    expect((await tile(8)).equals(await tile(8 + side))).toBe(true)
    const second = 8 + 2 * side + 8
    expect((await tile(second)).equals(await tile(second + side))).toBe(false)
  })

  it('the balance counts what lies in the folders', () => {
    expect(figures().balance).toEqual([
      { label: 'disc', real: 13, made: 7 },
      { label: 'square', real: 7, made: 7 },
    ])
  })

  it('the worth is what the classifier learns of the same pictures by itself, and nothing of it stays in memory', async () => {
    const { worth } = figures()
    const read = async (folder: string): Promise<Labelled[]> => {
      const all: Labelled[] = []
      for (const { label, path } of filesIn(folder)) {
        const picture = await sharp(path).toColourspace('srgb').removeAlpha().raw().toBuffer()
        all.push({ label: CLASSES.indexOf(label), picture: new Uint8Array(picture) })
      }
      return all
    }
    const sorted = (all: Labelled[]) => all
    const before = tf.memory().numTensors
    const lessons = { seed: 2, steps: worth?.steps ?? 0, classes: 2 }
    const report = await reportOf(
      sorted(await read(join(real, 'train'))),
      await read(join(real, 'test')),
      lessons,
    )
    expect(tf.memory().numTensors).toBe(before)
    expect(worth).toMatchObject({ classes: CLASSES, seeds: [1, 2, 3], sidePx: 16, scored: 12 })
    expect(worth?.lessons.map(({ from, pictures }) => [from, pictures])).toEqual([
      ['real', 20],
      ['made', 14],
      ['both', 34],
    ])
    const learned = worth?.lessons[0]
    expect(learned?.accuracy[1]).toBeCloseTo(report.accuracy, 6)
    expect(learned?.recall.map((row) => row[1])).toEqual(report.recall)
  })

  it('the card tells them in words', () => {
    const card = readFileSync(join(set, 'README.md'), 'utf8')
    expect(card).toContain('## Figures')
    expect(card).toContain('| square | 7 | 7 | 14 |')
    expect(card).toContain('| real | 20 |')
    expect(card).toMatch(/names \d+% as many of 12 real pictures rightly/)
  })

  it('stopped in every part, it ends as the uninterrupted set, byte for byte', async () => {
    const stopped = join(room, 'stopped')
    const again = (part: string) =>
      makeSet({ ...request, output: stopped }, (event) =>
        part === 'generated'
          ? event.type === 'generated' && event.index === 5
          : event.type === 'figures-progress' && event.part === part && event.done > 0,
      )
    for (const part of ['generated', 'looks', 'neighbours', 'worth']) {
      const events = await again(part)
      expect(events.at(-1), part).toMatchObject({ type: 'generation-done', cancelled: true })
      expect(existsSync(join(stopped, 'figures.json'))).toBe(false)
    }
    const kept = readFileSync(join(stopped, 'figures.jsonl'), 'utf8')
    expect(kept).toContain('worth real 1')
    await makeSet({ ...request, output: stopped })
    const names = readdirSync(set, { recursive: true, encoding: 'utf8' }).sort()
    expect(readdirSync(stopped, { recursive: true, encoding: 'utf8' }).sort()).toEqual(names)
    for (const name of names.filter((one) => one.includes('.')))
      expect(readFileSync(join(stopped, name)).equals(readFileSync(join(set, name))), name).toBe(true)
  })

  it('are not found twice, and not where there are no real pictures', async () => {
    const twice = await makeSet({ ...request, output: set })
    expect(twice.some(({ type }) => type === 'figures-progress')).toBe(false)
    expect(twice.find(({ type }) => type === 'figures')).toMatchObject({ figures: figures() })
    const card = readFileSync(join(set, 'README.md'))
    await makeSet({ ...request, figures: false, output: set })
    expect(readFileSync(join(set, 'README.md')).equals(card)).toBe(true)
    const alone = { modelPath: model, output: join(room, 'alone'), options: { count: 2 } }
    const events = await makeSet({ ...alone, figures: null })
    expect(events.find(({ type }) => type === 'figures-skipped')).toBeDefined()
    await expect(makeSet({ ...alone, figures: true })).rejects.toThrow('training pictures are not known')
  })
})
