import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'
import { makePairs, makeRoom, TINY_FLAGS } from '../support/tinyProject.ts'

/** A folder as people have them: 200 files, three of them broken, one of them large. DIPTYCH_MODEL names another model. */
const room = makeRoom()
const input = join(room, 'input')
let model = process.env.DIPTYCH_MODEL ?? ''

function sizeOf(index: number): { width: number; height: number } {
  return { width: 40 + ((index * 7) % 50), height: 30 + ((index * 11) % 60) }
}

async function fillFolder(): Promise<void> {
  mkdirSync(join(input, 'more'), { recursive: true })
  for (let index = 0; index < 196; index += 1) {
    const { width, height } = sizeOf(index)
    const background = { r: index, g: 255 - index, b: (index * 3) % 256 }
    const picture = sharp({ create: { width, height, channels: 3, background } })
    const place = index % 5 === 0 ? join(input, 'more') : input
    await (index % 2 === 0 ? picture.jpeg() : picture.png()).toFile(
      join(place, `${String(index).padStart(3, '0')}.${index % 2 === 0 ? 'jpg' : 'png'}`),
    )
  }
  await sharp({ create: { width: 6000, height: 4000, channels: 3, background: '#557799' } })
    .jpeg()
    .toFile(join(input, 'large.jpg'))
  await sharp({
    create: {
      width: 400,
      height: 300,
      channels: 3,
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
      background: '#000',
    },
  })
    .jpeg()
    .toFile(join(input, 'truncated.jpg'))
  truncateSync(join(input, 'truncated.jpg'), 9000)
  writeFileSync(join(input, 'text.png'), 'This is no picture.\n')
  writeFileSync(join(input, 'empty.png'), '')
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function hashes(): string[] {
  return filesIn(input).map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'))
}

async function trainTiny(): Promise<string> {
  const project = join(room, 'tiny')
  const { a, b } = await makePairs(room)
  await runCli(['new', project, '--a', a, '--b', b])
  const { last } = await runCli(['train', project, '--steps', '2', ...TINY_FLAGS, '--json'])
  return String(last.model)
}

beforeAll(async () => {
  await fillFolder()
  if (model === '') model = await trainTiny()
}, 120_000)
afterAll(() => rmSync(room, { recursive: true, force: true }))

it(
  'translates 197 of 200 at their own sizes, names the three, and touches no original',
  { timeout: 900_000 },
  async () => {
    const before = hashes()
    expect(before).toHaveLength(200)
    const output = join(room, 'output')
    const args = ['translate', '--model', model, input, '--output', output, '--memory', '2GB', '--json']
    const { code, last, events, stderr, peakMemoryMb } = await runCli(args)
    expect(last, stderr).toEqual({ type: 'done', translated: 197, failed: 3, skipped: 0 })
    expect(code).toBe(1)
    const failures = events
      .filter((event) => event.type === 'item-failed')
      .map((event) => JSON.stringify(event))
    for (const [name, cause] of [
      ['truncated.jpg', /cut off|truncated|ends early|incomplete/i],
      ['text.png', /text/i],
      ['empty.png', /empty/i],
    ] as const) {
      const failure = failures.find((text) => text.includes(name))
      expect(failure, name).toMatch(cause)
      expect(failure, name).toMatch(/"remedy":"[^"]{10,}"/)
    }
    if (process.platform === 'linux') expect(peakMemoryMb).toBeLessThan(3000)
    expect(hashes()).toEqual(before)
    const made = filesIn(output)
    expect(made).toHaveLength(197)
    for (const file of made) {
      const [own, original] = await Promise.all([
        sharp(file).metadata(),
        sharp(file.replace(output, input)).metadata(),
      ])
      expect([own.width, own.height], file).toEqual([original.width, original.height])
    }
  },
)
