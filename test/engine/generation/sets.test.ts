import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { translatePicture } from '../../../src/engine/inference/translatePicture.ts'
import { openModel } from '../../../src/engine/inference/model.ts'
import { openGenerator } from '../../../src/engine/generation/generator.ts'
import { walk } from '../../../src/engine/generation/walk.ts'
import { readPicture } from '../../../src/engine/imaging/read.ts'
import { makeRoom } from '../../support/tinyProject.ts'
import { CLASSES, drawFolder, drawShape } from '../../support/shapes.ts'
import { makeSet, writeGenerator, writeTurner } from './support.ts'

const room = makeRoom()
const at = (name: string) => join(room, name)
const [generator, turner, looks] = [at('noise.safetensors'), at('turn.safetensors'), at('looks.safetensors')]

type Row = { file_name: string; label?: string; split: string; source: string; variant: number }
const rowsOf = (set: string) =>
  readFileSync(join(set, 'metadata.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as Row)
const countsOf = (set: string) =>
  Object.fromEntries(
    [...Map.groupBy(rowsOf(set), ({ label }) => label ?? '')].map(([label, all]) => [label, all.length]),
  )
const samplesOf = async (path: string) => sharp(path).raw().toBuffer()

beforeAll(async () => {
  await writeGenerator(generator)
  await writeTurner(turner)
  await writeTurner(looks, ['summer', 'winter'])
  await drawFolder(at('real'), { train: { disc: 9, square: 4 }, test: { disc: 2, square: 2 } })
  await drawFolder(at('photos'), { '': { disc: 6, square: 4 } })
})
afterAll(() => rmSync(room, { recursive: true, force: true }))

describe('balance', () => {
  const balanced = (name: string, options: Record<string, unknown>) =>
    makeSet({ modelPath: generator, realFolder: at('real'), output: at(name), options })

  it('makes what each class lacks to the largest, and says so', async () => {
    await balanced('filled', { balance: true })
    expect(countsOf(at('filled'))).toEqual({ square: 5 })
    expect(readFileSync(join(at('filled'), 'README.md'), 'utf8')).toContain('training pictures lack to 9')
  })

  it('or to a number', async () => {
    await balanced('more', { balanceTo: 12 })
    expect(countsOf(at('more'))).toEqual({ disc: 3, square: 8 })
  })

  it('is refused where nothing lacks, where a number contradicts it, and where real pictures are unknown', async () => {
    await expect(balanced('none', { balanceTo: 3 })).rejects.toThrow('nothing to fill up')
    await expect(balanced('twice', { balance: true, classes: 'disc=4' })).rejects.toThrow('said twice')
    const unknown = makeSet({ modelPath: generator, output: at('unknown'), options: { balance: true } })
    await expect(unknown).rejects.toThrow('training pictures are not known')
  })
})

describe('a set of pictures that are turned', () => {
  it('by a model of one look: each once, its class and its source kept, exactly as translated', async () => {
    const set = at('turned')
    await makeSet({ modelPath: turner, sourceFolder: at('photos'), output: set, options: { testShare: 0.5 } })
    const rows = rowsOf(set)
    expect(countsOf(set)).toEqual({ disc: 6, square: 4 })
    expect(rows.map(({ source }) => source).sort()).toEqual(
      CLASSES.flatMap((label) =>
        readdirSync(join(at('photos'), label)).map((name) => `${label}/${name}`),
      ).sort(),
    )
    for (const { label, source, file_name, split } of rows) {
      expect(source.startsWith(`${label ?? ''}/`)).toBe(true)
      expect(file_name.startsWith(`${split}/${label ?? ''}/`)).toBe(true)
    }
    expect(rows.filter(({ split, label }) => split === 'test' && label === 'disc')).toHaveLength(3)
    const model = await openModel(turner)
    const [first] = rows as [Row]
    const made = await translatePicture(model, await readPicture(join(at('photos'), first.source)), {
      memoryMb: 2048,
    })
    model.dispose()
    expect((await readPicture(join(set, first.file_name))).data).toEqual(made.data)
  })

  it('keeps the splits of its folder', async () => {
    await makeSet({
      modelPath: turner,
      sourceFolder: at('real'),
      output: at('split'),
      options: { testShare: 0.9 },
    })
    for (const { source, split } of rowsOf(at('split'))) expect(source.startsWith(`${split}/`)).toBe(true)
  })

  it('by attribute: into every class that is asked for, so many, all results of a source in one split', async () => {
    const set = at('looks')
    const options = { classes: 'winter=7, summer', variants: 2, validationShare: 0.3, testShare: 0.3 }
    await makeSet({ modelPath: looks, sourceFolder: at('photos'), output: set, options })
    expect(countsOf(set)).toEqual({ summer: 20, winter: 7 })
    for (const [, all] of Map.groupBy(rowsOf(set), ({ source }) => source))
      expect(new Set(all.map(({ split }) => split)).size).toBe(1)
    const ofOne = rowsOf(set).filter(({ label, source }) => label === 'summer' && source === 'disc/0.png')
    const [as, other] = await Promise.all(ofOne.map(({ file_name }) => samplesOf(join(set, file_name))))
    expect(ofOne.map(({ variant }) => variant)).toEqual([0, 1])
    expect(as?.equals(other as Buffer)).toBe(false)
    const into = (label: string) =>
      rowsOf(set).find((row) => row.label === label && row.variant === 0 && row.source === 'disc/1.png')
    const both = ['summer', 'winter'].flatMap((label) => into(label) ?? [])
    if (both.length === 2) {
      const [x, y] = await Promise.all(both.map(({ file_name }) => samplesOf(join(set, file_name))))
      expect(x?.equals(y as Buffer)).toBe(false)
    }
  })

  it('is the same whether it was stopped or not', async () => {
    const request = { modelPath: looks, sourceFolder: at('photos'), options: { leastDifference: 0.02 } }
    await makeSet({ ...request, output: at('whole') })
    const stopped = await makeSet(
      { ...request, output: at('halted') },
      (event) => event.type === 'generated' && event.index >= 6,
    )
    expect(stopped.at(-1)).toMatchObject({ cancelled: true })
    await makeSet({ ...request, output: at('halted') })
    const names = readdirSync(at('whole'), { recursive: true, encoding: 'utf8' }).sort()
    expect(readdirSync(at('halted'), { recursive: true, encoding: 'utf8' }).sort()).toEqual(names)
    for (const name of names.filter((one) => one.includes('.')))
      expect(readFileSync(join(at('halted'), name)).equals(readFileSync(join(at('whole'), name))), name).toBe(
        true,
      )
  })

  it('leaves out what repeats another source, without a second try, and says so', async () => {
    const folder = at('doubles')
    mkdirSync(join(folder, 'disc'), { recursive: true })
    for (const [index, seed] of [1, 2, 1].entries())
      writeFileSync(join(folder, 'disc', `${index}.png`), await drawShape('disc', seed))
    const options = { leastDifference: 0.0005 }
    const events = await makeSet({ modelPath: turner, sourceFolder: folder, output: at('single'), options })
    expect(events.at(-1)).toMatchObject({ made: 2, leftOut: { alike: 1, known: 0 } })
    expect(rowsOf(at('single')).map(({ source }) => source)).toEqual(['disc/0.png', 'disc/1.png'])
    const again = await makeSet({ modelPath: turner, sourceFolder: folder, output: at('single'), options })
    expect(again[0]).toMatchObject({ already: 3 })
  })

  it('is refused where model and source do not go together, or give too few', async () => {
    const few = {
      modelPath: looks,
      sourceFolder: at('photos'),
      output: at('few'),
      options: { classes: 'winter=25' },
    }
    await expect(makeSet(few)).rejects.toThrow('the source gives 10')
    await expect(makeSet({ modelPath: turner, output: at('no') })).rejects.toThrow(
      'needs a picture to work on',
    )
    const useless = { modelPath: generator, sourceFolder: at('photos'), output: at('no') }
    await expect(makeSet(useless)).rejects.toThrow('has no use for others')
  })
})

describe('a walk', () => {
  const request = {
    modelPath: generator,
    from: { seed: 1, place: 0 },
    to: { seed: 4, place: 2 },
    frames: 5,
    options: { classes: 'square' },
    backend: 'CPU',
  }
  const take = async (output: string) => {
    const events = []
    for await (const event of walk({ ...request, output }, new AbortController().signal)) events.push(event)
    return events
  }

  it('goes from one picture to the other, numbered, with a sheet', async () => {
    const events = await take(at('walk'))
    expect(events.at(-1)).toMatchObject({ type: 'generation-done', made: 5, cancelled: false })
    expect(readdirSync(join(at('walk'), 'square'))).toEqual([
      '0001.png',
      '0002.png',
      '0003.png',
      '0004.png',
      '0005.png',
    ])
    const model = await openGenerator(generator)
    const label = CLASSES.indexOf('square')
    const [first] = await model.make([0], [label], 1)
    const [last] = await model.make([2], [label], 4)
    model.dispose()
    const frame = async (name: string) => (await readPicture(join(at('walk'), 'square', name))).data
    const closeTo = (one: ArrayLike<number>, other: ArrayLike<number> | undefined) =>
      Math.max(...Array.from(one, (value, index) => Math.abs(value - (other?.[index] ?? NaN))))
    expect(closeTo(await frame('0001.png'), first?.data)).toBeLessThanOrEqual(1)
    expect(closeTo(await frame('0005.png'), last?.data)).toBeLessThanOrEqual(1)
    expect(closeTo(await frame('0003.png'), first?.data)).toBeGreaterThan(1)
    expect(await sharp(join(at('walk'), 'sheet.png')).metadata()).toMatchObject({
      width: 5 * 72 + 8,
      height: 80,
    })
  })

  it('is stopped between two pictures', async () => {
    const stop = new AbortController()
    const events = []
    for await (const event of walk(
      { ...request, output: at('halt'), options: { classes: '' } },
      stop.signal,
    )) {
      events.push(event)
      if (event.type === 'generated' && event.index === 1) stop.abort()
    }
    expect(events.at(-1)).toMatchObject({ type: 'generation-done', made: 2, cancelled: true })
    expect(readdirSync(at('halt')).sort()).toEqual(['disc', 'walk.json'])
  })

  it('goes on in its own folder, and is refused in another', async () => {
    rmSync(join(at('walk'), 'square', '0004.png'))
    await take(at('walk'))
    expect(readdirSync(join(at('walk'), 'square'))).toHaveLength(5)
    await expect(take(at('photos'))).rejects.toThrow('holds something else')
  })
})
