import { copyFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { scanDataset } from '../../../src/engine/datasets/scan.ts'
import { writePicture } from '../../../src/engine/imaging/write.ts'
import { noise, refusalFrom, samplePicture, temporaryFolder } from '../imaging/awkward.ts'

const root = temporaryFolder()
let projects = 0
const newProject = () => join(root, `project-${(projects += 1)}`)

/** Small pictures, each with content of its own. */
async function fill(project: string, names: readonly string[], size = 8): Promise<void> {
  for (const [index, name] of names.entries()) {
    const path = join(project, name)
    mkdirSync(dirname(path), { recursive: true })
    const colour = { r: index % 256, g: index >> 8, b: name.length }
    const create = { width: size, height: size, channels: 3 as const, background: colour }
    await sharp({ create }).toFile(path)
  }
}

const folders = (options: object = {}) =>
  ({ kind: 'paired-folders', options: { a: 'A', b: 'B', ...options } }) as const
const codes = (report: { findings: { code: string }[] }) => report.findings.map(({ code }) => code)

describe('pairs in two folders', () => {
  it('are matched by place and name, whatever the extension, capitals or composed letters, in natural order', async () => {
    const project = newProject()
    await fill(project, ['A/pic10.png', 'A/pic9.png', 'A/sub/Ünder.jpg', 'A/Case.png', 'A/lonely.png'])
    await fill(project, [
      'B/pic10.jpg',
      'B/pic9.png',
      `B/sub/${'Ünder'.normalize('NFD')}.png`,
      'B/case.PNG',
      'B/sub/pic9.png',
    ])
    const report = await scanDataset(folders(), project)
    expect(report.pairs.map(({ name }) => name)).toEqual(['Case', 'pic9', 'pic10', 'sub/Ünder'])
    const unmatched = report.findings.filter(({ code }) => code === 'unmatched')
    expect(unmatched.map(({ file }) => file?.path)).toEqual([
      join(project, 'A/lonely.png'),
      join(project, 'B/sub/pic9.png'),
    ])
    expect(report.a).toEqual({ pictures: 4, channels: 3, bitDepth: 8, smallestPx: [8, 8], largestPx: [8, 8] })
  })

  it('respect train, val and test folders under all their names', async () => {
    const project = newProject()
    const names = ['train/1.png', 'train/2.png', 'Validation/1.png', 'testing/1.png', 'stray.png']
    await fill(
      project,
      names.map((name) => `A/${name}`),
    )
    await fill(project, ['B/train/1.png', 'B/train/2.png', 'B/valid/1.png', 'B/test/1.png'])
    const report = await scanDataset(folders(), project)
    expect(report.counts).toEqual({ train: 2, val: 1, test: 1 })
    expect(codes(report)).toContain('outside-splits')
  })

  it('are dealt by shares and seed, the same each time, a new pair moving few of the others', async () => {
    const project = newProject()
    const names = Array.from({ length: 40 }, (_, index) => `${index}.png`)
    await fill(
      project,
      names.map((name) => `A/${name}`),
    )
    await fill(
      project,
      names.map((name) => `B/${name}`),
      9,
    )
    const once = await scanDataset(folders(), project)
    expect(once.counts).toEqual({ train: 32, val: 4, test: 4 })
    expect(await scanDataset(folders(), project)).toEqual(once)
    const other = await scanDataset(folders({ splitSeed: 2 }), project)
    expect(other.pairs).not.toEqual(once.pairs)
    expect(other.fingerprint).not.toBe(once.fingerprint)
    await fill(project, ['A/new.png', 'B/new.png'], 10)
    const more = await scanDataset(folders(), project)
    const moved = once.pairs.filter(
      ({ name, split }) => more.pairs.find((pair) => pair.name === name)?.split !== split,
    )
    expect(moved.length).toBeLessThanOrEqual(2)
  })

  it('keep their fingerprint when moved and change it with any content', async () => {
    const project = newProject()
    const copy = newProject()
    await fill(project, ['A/1.png', 'A/2.png', 'B/1.png', 'B/2.png'])
    for (const name of ['A/1.png', 'A/2.png', 'B/1.png', 'B/2.png']) {
      mkdirSync(dirname(join(copy, name)), { recursive: true })
      copyFileSync(join(project, name), join(copy, name))
    }
    const { fingerprint } = await scanDataset(folders(), project)
    expect((await scanDataset(folders(), copy)).fingerprint).toBe(fingerprint)
    await noise(8, 8).toFile(join(copy, 'B/2.png'))
    expect((await scanDataset(folders(), copy)).fingerprint).not.toBe(fingerprint)
  })
})

describe('what is found', () => {
  it('names broken files, and leaves their pairs out', async () => {
    const project = newProject()
    await fill(project, ['A/1.png', 'A/2.png', 'A/3.jpg', 'B/1.png', 'B/2.png', 'B/3.png', 'B/4.png'])
    writeFileSync(join(project, 'A/2.png'), 'not a picture at all')
    const jpeg = await noise(300, 300).jpeg().toBuffer()
    writeFileSync(join(project, 'A/3.jpg'), jpeg.subarray(0, jpeg.length / 2))
    writeFileSync(join(project, 'A/4.png'), '')
    const report = await scanDataset(folders(), project)
    expect(report.pairs.map(({ name }) => name)).toEqual(['1'])
    const broken = report.findings.filter(({ level }) => level === 'error')
    expect(broken.map(({ code }) => code)).toEqual(['picture-is-text', 'picture-truncated', 'picture-empty'])
    for (const { message, remedy } of broken) expect(message.length * remedy.length).toBeGreaterThan(0)
  })

  it('names different shapes, rotation, leaks, equal sides, mixed channels and depths, small pictures', async () => {
    const project = newProject()
    const names = Array.from({ length: 10 }, (_, index) => `${index}`)
    await fill(
      project,
      names.map((name) => `A/${name}.png`),
      32,
    )
    await fill(
      project,
      names.map((name) => `B/${name}.png`),
      33,
    )
    await noise(64, 32).toFile(join(project, 'B/0.png'))
    await noise(32, 32).withMetadata({ orientation: 6 }).jpeg().toFile(join(project, 'A/1.jpg'))
    writeFileSync(join(project, 'A/1.png'), readFileSync(join(project, 'A/1.jpg')))
    copyFileSync(join(project, 'A/2.png'), join(project, 'B/2.png'))
    await writePicture(join(project, 'A/3.png'), samplePicture(32, 32, { channels: 1, bitDepth: 16 }), {
      format: 'png',
    })
    for (const name of names.slice(5)) copyFileSync(join(project, 'A/4.png'), join(project, `A/${name}.png`))
    const shares = { validationShare: 0.3, testShare: 0.3 }
    const report = await scanDataset(folders(shares), project, undefined, { cropSizePx: 256 })
    for (const code of [
      'shapes-differ',
      'sizes-differ',
      'rotation-differs',
      'before-equals-after',
      'ambiguous',
      'channels-mixed',
      'depths-mixed',
      'duplicate-across-splits',
      'few-pairs',
      'smaller-than-crop',
    ])
      expect(codes(report), code).toContain(code)
    expect(report.a).toMatchObject({ channels: 3, bitDepth: 16 })
  })

  it('refuses folders that are not there, and unknown options by name', async () => {
    expect((await refusalFrom(scanDataset(folders(), newProject()))).code).toBe('dataset-folder-missing')
    expect((await refusalFrom(scanDataset(folders({ shuffle: true }), newProject()))).message).toContain(
      'shuffle',
    )
  })

  it('says so when there is nothing, and stops when asked to', async () => {
    const project = newProject()
    mkdirSync(join(project, 'A'), { recursive: true })
    mkdirSync(join(project, 'B'))
    const report = await scanDataset(folders(), project)
    expect([codes(report), report.a]).toEqual([['dataset-empty'], null])
    await fill(project, ['A/1.png', 'B/1.png'])
    await expect(scanDataset(folders(), project, AbortSignal.abort())).rejects.toThrow(/abort/i)
  })
})

describe('pairs side by side', () => {
  it('are the halves of one picture', async () => {
    const project = newProject()
    const side = { kind: 'side-by-side', options: { folder: '.' } } as const
    mkdirSync(project, { recursive: true })
    await noise(20, 10).toFile(join(project, 'wide.png'))
    await noise(21, 10).toFile(join(project, 'odd.png'))
    await noise(10, 20).toFile(join(project, 'tall.png'))
    const report = await scanDataset(side, project)
    expect(report.pairs.find(({ name }) => name === 'wide')).toMatchObject({
      a: { region: 'left', widthPx: 10, heightPx: 10 },
      b: { region: 'right', widthPx: 10, heightPx: 10 },
    })
    expect(codes(report)).toEqual(expect.arrayContaining(['odd-width', 'not-side-by-side']))
  })
})

describe('the second look', () => {
  it('reads no picture again, unless it changed', async () => {
    const project = newProject()
    await fill(project, ['A/1.png', 'B/1.png'])
    const first = await scanDataset(folders(), project)
    const path = join(project, 'cache', 'pictures.json')
    // A cache that lies is believed where time and size agree: so nothing was read.
    const cache = readFileSync(path, 'utf8')
    writeFileSync(path, cache.replaceAll('"widthPx":8', '"widthPx":77'))
    expect((await scanDataset(folders(), project)).pairs[0]?.a.widthPx).toBe(77)
    utimesSync(join(project, 'A/1.png'), 1000, 1000)
    expect((await scanDataset(folders(), project)).pairs[0]?.a.widthPx).toBe(8)
    writeFileSync(path, '{ broken')
    expect(await scanDataset(folders(), project)).toEqual(first)
  })
})
