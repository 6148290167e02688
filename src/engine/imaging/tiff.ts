import { open, type FileHandle } from 'node:fs/promises'
import { deflateSync } from 'node:zlib'
import type { Picture } from './picture.ts'

const EXTRA_SAMPLES = 338
const ICC_PROFILE = 34675

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

/**
 * What the band beyond the colours is by the file's own word (TIFF 6.0, ExtraSamples): libvips takes a fourth band for
 * alpha always, and near infrared would be lost to training. Classic TIFF only; `unknown` where the file does not say.
 */
export async function readExtraSampleKind(path: string): Promise<'alpha' | 'unspecified' | 'unknown'> {
  const file = await open(path, 'r')
  try {
    const head = await readAt(file, 0, 8)
    const little = head.toString('latin1', 0, 2) === 'II'
    const u16 = (data: Buffer, at: number) => (little ? data.readUInt16LE(at) : data.readUInt16BE(at))
    const u32 = (data: Buffer, at: number) => (little ? data.readUInt32LE(at) : data.readUInt32BE(at))
    if (head.length < 8 || u16(head, 2) !== 42) return 'unknown'
    const ifd = u32(head, 4)
    const count = await readAt(file, ifd, 2)
    if (count.length < 2) return 'unknown'
    const entries = await readAt(file, ifd + 2, 12 * u16(count, 0))
    for (let at = 0; at + 12 <= entries.length; at += 12) {
      if (u16(entries, at) === EXTRA_SAMPLES) return u16(entries, at + 8) === 0 ? 'unspecified' : 'alpha'
    }
    return 'unknown'
  } finally {
    await file.close()
  }
}

/** One tag: TIFF type, and its values in little-endian order. */
export type Tag = { tag: number; type: number; values: Buffer; count: number }

function shorts(tag: number, ...numbers: number[]): Tag {
  const values = Buffer.alloc(2 * numbers.length)
  numbers.forEach((value, index) => values.writeUInt16LE(value, 2 * index))
  return { tag, type: 3, values, count: numbers.length }
}

export function longs(tag: number, ...numbers: number[]): Tag {
  const values = Buffer.alloc(4 * numbers.length)
  numbers.forEach((value, index) => values.writeUInt32LE(value, 4 * index))
  return { tag, type: 4, values, count: numbers.length }
}

function ratio(tag: number, value: number): Tag {
  return { tag, type: 5, values: longs(tag, Math.round(value * 1000), 1000).values, count: 1 }
}

/** A directory and its values, as they lie from `at` on. */
export function buildDirectory(tags: readonly Tag[], at: number): Buffer {
  const sorted = tags.toSorted((a, b) => a.tag - b.tag)
  const head = Buffer.alloc(2 + 12 * sorted.length + 4)
  head.writeUInt16LE(sorted.length, 0)
  const tail: Buffer[] = []
  let tailAt = at + head.length
  sorted.forEach(({ tag, type, values, count }, index) => {
    const entry = 2 + 12 * index
    head.writeUInt16LE(tag, entry)
    head.writeUInt16LE(type, entry + 2)
    head.writeUInt32LE(count, entry + 4)
    if (values.length <= 4) return void values.copy(head, entry + 8)
    head.writeUInt32LE(tailAt, entry + 8)
    const padded = Buffer.concat([values, Buffer.alloc(values.length % 2)])
    tail.push(padded)
    tailAt += padded.length
  })
  return Buffer.concat([head, ...tail])
}

/**
 * A TIFF of any number of channels without colour meaning, which sharp cannot write: one deflated strip, interleaved,
 * MinIsBlack with unspecified extra samples (alpha, where there is one, last and unassociated). TIFF 6.0.
 */
export function encodeDataTiff(picture: Picture, samples: Picture['data'], bands: number): Buffer {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const strip = deflateSync(bytes, { level: 6 })
  const padded = Buffer.concat([strip, Buffer.alloc(strip.length % 2)])
  const { widthPx, heightPx, bitDepth, alpha, metadata } = picture
  const extras = Array.from({ length: bands - 1 }, (_, index) => (alpha && index === bands - 2 ? 2 : 0))
  const tags: Tag[] = [
    longs(256, widthPx),
    longs(257, heightPx),
    shorts(258, ...Array.from({ length: bands }, () => bitDepth)),
    shorts(259, 8),
    shorts(262, 1),
    longs(273, 8),
    shorts(277, bands),
    longs(278, heightPx),
    longs(279, strip.length),
    shorts(284, 1),
    shorts(339, ...Array.from({ length: bands }, () => 1)),
  ]
  if (extras.length > 0) tags.push(shorts(EXTRA_SAMPLES, ...extras))
  if (metadata.dotsPerInch)
    tags.push(ratio(282, metadata.dotsPerInch), ratio(283, metadata.dotsPerInch), shorts(296, 2))
  if (metadata.icc) tags.push({ tag: ICC_PROFILE, type: 7, values: metadata.icc, count: metadata.icc.length })
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1')
  head.writeUInt32LE(8 + padded.length, 4)
  return Buffer.concat([head, padded, buildDirectory(tags, 8 + padded.length)])
}
