import { readFile, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Refused } from '../../../src/core/errors.ts'
import { randomInteger } from '../../../src/core/random.ts'
import { openSafetensors, writeSafetensors } from '../../../src/engine/interchange/safetensors.ts'
import { readFixtures } from '../support/fixtures.ts'
import { temporaryFolder } from '../training/support/tinyProject.ts'

const tensors = [
  { name: 'b/weight', shape: [2, 3], data: () => new Float32Array([1, -2, 3.5, 0, 1e-30, 4]) },
  { name: 'a', shape: [], data: () => new Float32Array([7]) },
  { name: 'whole', shape: [2], type: 'I64' as const, data: () => new BigInt64Array([-1n, 2n ** 40n]) },
  { name: 'bytes', shape: [3], type: 'U8' as const, data: () => new Uint8Array([1, 2, 255]) },
  { name: 'counts', shape: [1, 2], type: 'I32' as const, data: () => new Int32Array([-5, 6]) },
  { name: 'empty', shape: [0, 4], data: () => new Float32Array(0) },
]

async function writeSome(folder: string, name = 'some.safetensors', list = tensors): Promise<string> {
  const path = join(folder, name)
  await writeSafetensors(path, { z: 'last', a: 'first "quoted"' }, list)
  return path
}

/** Header text and data as a file. */
async function writeRaw(folder: string, header: string, data = Buffer.alloc(0)): Promise<string> {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
  const path = join(folder, 'raw.safetensors')
  await writeFile(path, Buffer.concat([length, Buffer.from(header), data]))
  return path
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code
    throw error
  }
  return 'accepted'
}

test('what was written is read back, whatever its type', async () => {
  const file = openSafetensors(await writeSome(await temporaryFolder()))
  expect(file.metadata).toEqual({ a: 'first "quoted"', z: 'last' })
  for (const { name, shape, data } of tensors) {
    expect(file.read(name)).toEqual(data())
    expect(file.entries.find((entry) => entry.name === name)?.shape).toEqual(shape)
  }
  expect(codeOf(() => file.readFloats('whole'))).toBe('tensor-type')
  file.close()
})

test('the same tensors give the same bytes in any order, and the hash that is returned is theirs', async () => {
  const folder = await temporaryFolder()
  const path = await writeSome(folder)
  const again = join(folder, 'again.safetensors')
  const { bytes, sha256 } = await writeSafetensors(
    again,
    { a: 'first "quoted"', z: 'last' },
    [...tensors].reverse(),
  )
  const written = await readFile(again)
  expect(written.equals(await readFile(path))).toBe(true)
  expect((await stat(again)).size).toBe(bytes)
  expect(createHash('sha256').update(written).digest('hex')).toBe(sha256)
})

test('files that Python wrote are read as they are', () => {
  const name = 'adam.safetensors'
  const path = fileURLToPath(new URL(`../../reference/${name}`, import.meta.url))
  const file = openSafetensors(path)
  const expected = readFixtures(name)
  expect(file.entries.length).toBe(expected.size)
  for (const [key, { data }] of expected) expect(file.readFloats(key)).toEqual(data)
  file.close()
})

test('half and brain floats become the numbers that they stand for', async () => {
  const folder = await temporaryFolder()
  const header = JSON.stringify({
    half: { dtype: 'F16', shape: [6], data_offsets: [0, 12] },
    brain: { dtype: 'BF16', shape: [2], data_offsets: [12, 16] },
  })
  const words = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x8000, 0x3f80, 0xc040)
  const file = openSafetensors(await writeRaw(folder, header, Buffer.from(words.buffer)))
  expect([...file.readFloats('half')]).toEqual([1, -2, 65504, 2 ** -24, Infinity, -0])
  expect([...file.readFloats('brain')]).toEqual([1, -3])
  file.close()
})

const entry = (changes: object) =>
  JSON.stringify({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } })
const hostile: readonly [what: string, header: string][] = [
  ['not JSON', '{"x":'],
  ['an array', '[]'],
  ['nothing', 'null'],
  ['a type that nobody knows', entry({ dtype: 'F8' })],
  ['a shape that does not fit', entry({ shape: [3] })],
  ['a negative side', entry({ shape: [-2] })],
  ['a fraction of a side', entry({ shape: [0.5, 4] })],
  ['sides whose product overflows', entry({ shape: [2 ** 31, 2 ** 31, 2 ** 31] })],
  ['too many sides', entry({ shape: Array(40).fill(1) })],
  ['offsets outside the file', entry({ data_offsets: [8, 16] })],
  ['offsets the wrong way round', entry({ data_offsets: [8, 0] })],
  ['three offsets', entry({ data_offsets: [0, 4, 8] })],
  ['a key that does not belong', entry({ code: 'x' })],
  ['overlapping tensors', `{"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},${entry({}).slice(1)}`],
  ['a hole', '{"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'],
  ['nested a hundred thousand deep', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['metadata that are not text', '{"__metadata__":{"a":{}}}'],
  ['a tensor named __proto__', '{"__proto__":{"dtype":"F32","shape":[9],"data_offsets":[0,8]}}'],
]

test.each(hostile)('a header with %s is refused', async (_what, header) => {
  const path = await writeRaw(await temporaryFolder(), header, Buffer.alloc(8))
  expect(codeOf(() => openSafetensors(path))).toBe('safetensors-damaged')
})

test('a length beyond the file, and beyond all reason, is refused', async () => {
  const path = join(await temporaryFolder(), 'long.safetensors')
  for (const length of [100n, 2n ** 40n, 2n ** 64n - 1n]) {
    const bytes = Buffer.alloc(20)
    bytes.writeBigUInt64LE(length)
    await writeFile(path, bytes)
    expect(codeOf(() => openSafetensors(path))).toBe('safetensors-damaged')
  }
  await writeFile(path, Buffer.alloc(3))
  expect(codeOf(() => openSafetensors(path))).toBe('safetensors-damaged')
})

test('six hundred mutations: refused or read, never anything else', async () => {
  const folder = await temporaryFolder()
  const original = await readFile(await writeSome(folder))
  const path = join(folder, 'mutated.safetensors')
  const codes = new Set<string>()
  for (let round = 0; round < 600; round += 1) {
    const bytes = Buffer.from(original)
    for (let change = 0; change <= randomInteger(4, 1, round); change += 1) {
      const at = randomInteger(round % 3 === 0 ? 16 : bytes.length, 2, round, change)
      bytes[at] = randomInteger(256, 3, round, change)
    }
    const cut = round % 5 === 0 ? randomInteger(bytes.length, 4, round) : bytes.length
    await writeFile(path, bytes.subarray(0, cut))
    codes.add(
      codeOf(() => {
        const file = openSafetensors(path)
        try {
          for (const { name } of file.entries) file.read(name)
        } finally {
          file.close()
        }
      }),
    )
  }
  expect(
    [...codes].filter((code) => !['accepted', 'safetensors-damaged', 'tensor-type'].includes(code)),
  ).toEqual([])
  expect(codes).toContain('safetensors-damaged')
})
