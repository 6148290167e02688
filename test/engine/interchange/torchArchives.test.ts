import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Refused } from '../../../src/core/errors.ts'
import { openTorchFile } from '../../../src/engine/interchange/torch/torchFile.ts'
import {
  int,
  named,
  PROTO,
  stream,
  tensor,
  text,
  tuple,
  uint32,
  writeArchive,
} from '../support/torchStreams.ts'

const room = mkdtempSync(join(tmpdir(), 'diptych-archives-'))
afterAll(() => rmSync(room, { recursive: true, force: true }))

const path = join(room, 'a.pth')
const good = named(tensor(4, 0, tuple(4), tuple(1)))
const numbers = Buffer.alloc(16)
type Files = readonly (readonly [place: string, bytes: Buffer])[]
const plain: Files = [
  ['a/data.pkl', good],
  ['a/data/0', numbers],
]

async function expectDamaged(why: RegExp): Promise<void> {
  const outcome = await openTorchFile(path).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(Refused)
  const { code, message } = (outcome as Refused).refusal
  expect(code).toBe('torch-file-damaged')
  expect(message).toMatch(why)
}

/** An archive, then something done to its bytes. */
async function writeWith(files: Files, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeArchive(path, files)
  writeFileSync(path, change(readFileSync(path)))
}

/** Other bytes in the place of some, as many of them, wherever they are. */
const renamed =
  (from: string, to: string) =>
  (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')

/** Where the directory tells of the file number `k`. */
function directoryAt(bytes: Buffer, k: number): number {
  let at = -1
  for (let count = 0; count <= k; count += 1) at = bytes.indexOf('PK\x01\x02', at + 1, 'latin1')
  return at
}

describe('archives that PyTorch would not write', () => {
  it('opens the one that it would', async () => {
    const opened = await openTorchFile(await writeArchive(path, plain))
    expect([...opened.tensors.keys()]).toEqual(['model.1.weight'])
    opened.close()
  })

  it('compressed, as bombs are', async () => {
    await writeArchive(path, [plain[0]!, ['a/data/0', Buffer.alloc(10_000_000)]], true)
    expect(readFileSync(path).length).toBeLessThan(20_000)
    await expectDamaged(/compressed/)
  })

  it('encrypted', async () => {
    await writeWith(plain, (bytes) => {
      const at = directoryAt(bytes, 0) + 8
      bytes.writeUInt16LE(bytes.readUInt16LE(at) | 1, at)
      return bytes
    })
    await expectDamaged(/compressed|encrypted/)
  })

  it('of something else', async () => {
    await writeArchive(path, [['a/readme.txt', good]])
    await expectDamaged(/something else/)
  })

  it.each(['big', 'bigg\n', '', 'little\0'])('whose byte order is %j', async (order) => {
    await writeArchive(path, [...plain, ['a/byteorder', Buffer.from(order)]])
    await expectDamaged(/big-endian/)
  })

  it.each(['../../out.txt', '/diptych-out', '..\\..\\out'])(
    'with a file that would go to %s',
    async (place) => {
      await writeWith(
        [...plain, ['a'.repeat(place.length), numbers]],
        renamed('a'.repeat(place.length), place),
      )
      await expectDamaged(/path|characters/)
      expect(existsSync(join(room, place))).toBe(false)
    },
  )

  it('with the list of names twice, or that of two', async () => {
    await writeWith([...plain, ['b/data.pkl', good]], renamed('b/data.pkl', 'a/data.pkl'))
    await expectDamaged(/twice/)
    await writeArchive(path, [...plain, ['b/data.pkl', good]])
    await expectDamaged(/two lists/)
  })

  it('with the same numbers twice', async () => {
    await writeWith([...plain, ['a/data/1', numbers]], renamed('a/data/1', 'a/data/0'))
    await expectDamaged(/twice/)
  })

  it('that ends within its numbers, whatever its directory says', async () => {
    await writeWith(plain, (bytes) => {
      for (const [at, offset] of [
        [directoryAt(bytes, 1), 20],
        [directoryAt(bytes, 1), 24],
      ] as const)
        bytes.writeUInt32LE(0x7fff_ffff, at + offset)
      return bytes
    })
    await expectDamaged(/overflows file bounds/)
  })

  it('whose files lie in one place, each as long as the whole', async () => {
    const names = Array.from({ length: 40 }, (_, key) => `${key}`.padStart(2, '0'))
    const entries = names.flatMap((key) => [text(`w${key}`), tensor(200, 0, tuple(200), tuple(1), key)])
    const files: Files = [
      ['a/data.pkl', stream(PROTO, '}(', ...entries, 'u.')],
      ['a/data/00', Buffer.alloc(800)],
      ...names.slice(1).map((key) => [`a/data/${key}`, Buffer.alloc(0)] as const),
    ]
    await writeWith(files, (bytes) => {
      const first = directoryAt(bytes, 1)
      for (let k = 2; k <= names.length; k += 1)
        for (const [offset, length] of [
          [16, 12],
          [42, 4],
        ] as const)
          bytes.copy(bytes, directoryAt(bytes, k) + offset, first + offset, first + offset + length)
      return bytes
    })
    await expectDamaged(/more numbers than it has/)
  })

  it('whose directory is where no file ends', async () => {
    await writeWith(plain, (bytes) => {
      const end = bytes.indexOf('PK\x05\x06', 0, 'latin1')
      const locator = stream('PK\x06\x07', uint32(0), uint32(0), uint32(0x1000_0000), uint32(1))
      return Buffer.concat([bytes.subarray(0, end), locator, bytes.subarray(end)])
    })
    await expectDamaged(/ends too early/)
    await writeWith(plain, (bytes) => {
      bytes.writeUInt32LE(0xffff_fff0, bytes.indexOf('PK\x05\x06', 0, 'latin1') + 16)
      return bytes
    })
    await expectDamaged(/ends too early/)
  })

  it('that only begins as one', async () => {
    writeFileSync(path, stream('PK\x03\x04', Buffer.alloc(5000, 7)))
    await expectDamaged(/central directory/i)
  })

  it('with names that JavaScript takes for its own', async () => {
    const entry = tensor(4, 0, tuple(4), tuple(1))
    const bytes = stream(PROTO, '}(', text('__proto__'), entry, text('constructor'), 'N', 'u.')
    const opened = await openTorchFile(await writeArchive(path, [['a/data.pkl', bytes], plain[1]!]))
    expect([...opened.tensors.keys()]).toEqual(['__proto__'])
    opened.close()
  })
})

/** The format before PyTorch 1.6, each part as it should be unless told otherwise. */
function legacy(parts: {
  magic?: Buffer
  protocol?: number
  isLittle?: number
  names?: Buffer
  keys?: Buffer
  size?: bigint
}): void {
  const { protocol = 1001, isLittle = 0x88, names = good, size = 4n } = parts
  const magic = parts.magic ?? stream(0x8a, 10, Buffer.from('6cfc9c46f9206aa85019', 'hex'))
  const keys = parts.keys ?? stream(PROTO, ']', '(', text('0'), 'e.')
  const count = Buffer.alloc(8)
  count.writeBigInt64LE(size)
  writeFileSync(
    path,
    stream(
      PROTO,
      magic,
      '.',
      PROTO,
      'M',
      uint32(protocol).subarray(0, 2),
      '.',
      PROTO,
      '}(',
      text('little_endian'),
      isLittle,
      'u.',
      names,
      keys,
      count,
      numbers,
    ),
  )
}

describe('the old format with lies in it', () => {
  it('opens the one without', async () => {
    legacy({})
    const opened = await openTorchFile(path)
    expect(opened.tensors.get('model.1.weight')?.read()).toEqual(new Float32Array(4))
    opened.close()
  })

  it.each<[string, Parameters<typeof legacy>[0], RegExp]>([
    ['another magic number', { magic: stream(0x8a, 2, 'xy') }, /does not begin/],
    ['a magic number that is text', { magic: text('magic') }, /does not begin/],
    ['another version', { protocol: 1002 }, /another version/],
    ['the other byte order', { isLittle: 0x89 }, /big-endian/],
    ['more numbers than its list says', { size: 5n }, /ends too early/],
    ['2^62 numbers', { size: 2n ** 62n }, /ends too early/],
    ['fewer than no numbers', { size: -4n }, /ends too early/],
    [
      'a list that says 2^31 numbers',
      { names: named(tensor(0x7fff_ffff, 0, tuple(4), tuple(1))), size: 0x7fff_ffffn },
      /ends too early/,
    ],
    [
      'numbers that nothing uses',
      { keys: stream(PROTO, ']', '(', text('0'), text('1'), 'e.') },
      /nothing uses/,
    ],
    [
      'the same numbers listed twice',
      { keys: stream(PROTO, ']', '(', text('0'), text('0'), 'e.') },
      /nothing uses/,
    ],
    ['numbers that are not listed', { keys: stream(PROTO, '].') }, /not in it/],
    ['keys that are no list', { keys: stream(PROTO, '}.') }, /does not list/],
    ['keys that are no text', { keys: stream(PROTO, ']', '(', int(0), 'e.') }, /nothing uses/],
  ])('%s', async (_, parts, why) => {
    legacy(parts)
    await expectDamaged(why)
  })
})
