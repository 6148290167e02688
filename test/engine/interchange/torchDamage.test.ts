import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Refused } from '../../../src/core/errors.ts'
import { recogniseNetwork } from '../../../src/engine/interchange/torch/recognise.ts'
import { openTorchFile, type TorchFile } from '../../../src/engine/interchange/torch/torchFile.ts'

const folder = new URL('../../reference/torch/', import.meta.url)
const room = mkdtempSync(join(tmpdir(), 'diptych-damage-'))
afterAll(() => rmSync(room, { recursive: true, force: true }))

const FILE = 'damaged.pth'
const damaged = join(room, FILE)
/** A file that takes longer than this on a busy machine hangs. */
const PATIENCE_MS = 5000
/** The name, the extra fields and the comment of a file in an archive: each may be as long as 16 bits can say. */
const ENTRY_BYTES = 3 * 0xffff

/** Runs something, and tells the most bytes that one buffer was asked to hold meanwhile. */
async function largestBuffer(run: () => Promise<void>): Promise<number> {
  const before = { alloc: Buffer.alloc, allocUnsafe: Buffer.allocUnsafe }
  let largest = 0
  const watched =
    (make: (size: number) => Buffer) =>
    (size: number): Buffer => {
      largest = Math.max(largest, size)
      return make(size)
    }
  Object.assign(Buffer, { alloc: watched(before.alloc), allocUnsafe: watched(before.allocUnsafe) })
  try {
    await run()
  } finally {
    Object.assign(Buffer, before)
  }
  return largest
}

/** Reads every number, as an import does. @returns how many bytes they take */
function readAll({ tensors }: TorchFile): number {
  let bytes = 0
  for (const { read } of tensors.values()) bytes += read().byteLength
  return bytes
}

function recognise({ tensors }: TorchFile): number {
  const { tensors: loaded } = recogniseNetwork(tensors, FILE)
  return [...loaded.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
}

/** What becomes of the damaged file: read, or refused with one sentence that names it; anything else fails. */
async function outcomeOf(fileBytes: number, use: (opened: TorchFile) => number): Promise<'read' | 'refused'> {
  const startedAt = performance.now()
  const outcome = await openTorchFile(damaged)
    .then((opened) => {
      try {
        return use(opened)
      } finally {
        opened.close()
      }
    })
    .catch((error: unknown) => error)
  expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS)
  if (typeof outcome === 'number') {
    // Halves become twice as long when they are read.
    expect(outcome).toBeLessThanOrEqual(2 * fileBytes)
    return 'read'
  }
  if (!(outcome instanceof Refused)) throw outcome
  expect(outcome.refusal.message).toMatch(/^[ -~]*damaged\.pth[ -~]*\.$/)
  return 'refused'
}

/** Puts one wrong byte after another into a copy of a file, each by itself. */
async function damageEach(
  whole: Buffer,
  step: number,
  maskAt: (at: number) => number,
  use: (opened: TorchFile) => number,
): Promise<{ read: number; refused: number }> {
  writeFileSync(damaged, whole)
  const descriptor = openSync(damaged, 'r+')
  const put = (byte: number, at: number) => writeSync(descriptor, Uint8Array.of(byte), 0, 1, at)
  const counts = { read: 0, refused: 0 }
  for (let at = 0; at < whole.length; at += step) {
    const byte = whole.readUInt8(at)
    put(byte ^ maskAt(at), at)
    counts[await outcomeOf(whole.length, use)] += 1
    put(byte, at)
  }
  closeSync(descriptor)
  return counts
}

describe.each(['strided_net_F.pth', 'strided_net_F-legacy.pth'])('others/%s', (name) => {
  const whole = readFileSync(new URL(`others/${name}`, folder))
  const enough = 4 * whole.length + ENTRY_BYTES

  it.each([
    ['one bit', (at: number) => 1 << (at % 8)],
    ['all bits', () => 0xff],
  ])('with any one byte wrong by %s', async (_, maskAt) => {
    const largest = await largestBuffer(async () => {
      const { read, refused } = await damageEach(whole, 1, maskAt, readAll)
      // Both happen: numbers may be any, names and places may not.
      expect(Math.min(read, refused)).toBeGreaterThan(100)
    })
    expect(largest).toBeLessThanOrEqual(enough)
  })

  it('cut off anywhere', async () => {
    writeFileSync(damaged, whole)
    const largest = await largestBuffer(async () => {
      for (let length = whole.length - 1; length >= 0; length -= 1) {
        truncateSync(damaged, length)
        expect(await outcomeOf(length, readAll), `${length}`).toBe('refused')
      }
    })
    expect(largest).toBeLessThanOrEqual(enough)
  })
})

it.each(['resnet-none.pth', 'unet-legacy.pth', 'stylegan2-small.pth'])(
  '%s, recognised, with one byte wrong here and there',
  async (name) => {
    const whole = readFileSync(new URL(name, folder))
    const largest = await largestBuffer(async () => {
      await damageEach(whole, 61, (at) => 1 << (at % 8), recognise)
    })
    expect(largest).toBeLessThanOrEqual(4 * whole.length + ENTRY_BYTES)
  },
)
