import { open } from 'node:fs/promises'
import { buildDirectory, longs, type Tag } from './tiff.ts'

/**
 * What a photograph says of itself, between TIFF files and EXIF blocks: sharp carries it into every format but TIFF, and
 * out of every format but TIFF. Directories are rebuilt, so makers' notes, whose offsets would break, are left out.
 */
const EXIF_IFD = 0x8769
const GPS_IFD = 0x8825
const MAKER_NOTE = 0x927c
const POINTERS = new Set([EXIF_IFD, GPS_IFD, 0xa005, MAKER_NOTE])
/** Description, make, model, software, date, artist, copyright. */
const TOLD = new Set([0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x8298])
const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 7: 1, 9: 4, 10: 4 }
const RATIOS = new Set([5, 10])
const MOST_ENTRIES = 500
const MOST_BYTES = 16_000_000

type Read = (at: number, length: number) => Promise<Buffer>
type Source = { read: Read; little: boolean; first: number }

async function openSource(read: Read): Promise<Source | null> {
  const head = await read(0, 8)
  const order = head.toString('latin1', 0, 4)
  if (head.length < 8 || (order !== 'II*\0' && order !== 'MM\0*')) return null
  const little = order === 'II*\0'
  return { read, little, first: little ? head.readUInt32LE(4) : head.readUInt32BE(4) }
}

/** The values in little-endian order. */
function toLittle(values: Buffer, size: number, little: boolean): Buffer {
  const copy = Buffer.from(values)
  if (little || size === 1) return copy
  return size === 2 ? copy.swap16() : copy.swap32()
}

/** The tags of one directory; those of unknown type or that reach beyond the file are left out. */
async function readDirectory({ read, little }: Source, at: number): Promise<Tag[]> {
  const u16 = (data: Buffer, from: number) => (little ? data.readUInt16LE(from) : data.readUInt16BE(from))
  const u32 = (data: Buffer, from: number) => (little ? data.readUInt32LE(from) : data.readUInt32BE(from))
  const count = await read(at, 2)
  if (count.length < 2 || u16(count, 0) > MOST_ENTRIES) return []
  const entries = await read(at + 2, 12 * u16(count, 0))
  const tags: Tag[] = []
  for (let from = 0; from + 12 <= entries.length; from += 12) {
    const type = u16(entries, from + 2)
    const size = SIZES[type]
    const length = u32(entries, from + 4) * (size ?? 0) * (RATIOS.has(type) ? 2 : 1)
    if (size === undefined || length > MOST_BYTES) continue
    const values =
      length <= 4 ? entries.subarray(from + 8, from + 8 + length) : await read(u32(entries, from + 8), length)
    if (values.length < length) continue
    tags.push({
      tag: u16(entries, from),
      type,
      count: u32(entries, from + 4),
      values: toLittle(values, size, little),
    })
  }
  return tags
}

type Told = { main: Tag[]; exif: Tag[]; gps: Tag[] }

async function readTold(source: Source): Promise<Told> {
  const main = await readDirectory(source, source.first)
  const below = async (pointer: number): Promise<Tag[]> => {
    const found = main.find(({ tag }) => tag === pointer)
    if (!found || found.values.length !== 4) return []
    const tags = await readDirectory(source, found.values.readUInt32LE(0))
    return tags.filter(({ tag }) => !POINTERS.has(tag))
  }
  return { main, exif: await below(EXIF_IFD), gps: await below(GPS_IFD) }
}

/** Lays directories out from `base` on, the main one last. */
function layOut(main: readonly Tag[], { exif, gps }: Told, base: number): { bytes: Buffer; mainAt: number } {
  const parts: Buffer[] = []
  const pointers: Tag[] = []
  let at = base
  for (const [pointer, tags] of [[EXIF_IFD, exif] as const, [GPS_IFD, gps] as const]) {
    if (tags.length === 0) continue
    const directory = buildDirectory(tags, at)
    pointers.push(longs(pointer, at))
    parts.push(directory)
    at += directory.length
  }
  return { bytes: Buffer.concat([...parts, buildDirectory([...main, ...pointers], at)]), mainAt: at }
}

function headed(at: number): Buffer {
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1')
  head.writeUInt32LE(at, 4)
  return head
}

const readerOf =
  (data: Buffer): Read =>
  async (at, length) =>
    data.subarray(at, at + length)

/** The EXIF block of a TIFF file, or null where it tells nothing. */
export async function readExifOfTiff(path: string): Promise<Buffer | null> {
  const file = await open(path, 'r')
  try {
    const source = await openSource(async (at, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
      return buffer.subarray(0, bytesRead)
    })
    if (!source) return null
    const told = await readTold(source)
    const main = told.main.filter(({ tag }) => TOLD.has(tag))
    if (main.length + told.exif.length + told.gps.length === 0) return null
    const { bytes, mainAt } = layOut(main, told, 8)
    return Buffer.concat([headed(mainAt), bytes])
  } finally {
    await file.close()
  }
}

/** A TIFF, in pieces, that tells what an EXIF block tells. */
export async function withTiffExif(tiff: Buffer, exif: Buffer): Promise<Buffer[]> {
  const block = await openSource(readerOf(exif))
  const own = await openSource(readerOf(tiff))
  if (!block || !own) return [tiff]
  const told = await readTold(block)
  const main = await readDirectory(own, own.first)
  const added = told.main.filter(({ tag }) => TOLD.has(tag) && !main.some((other) => other.tag === tag))
  const padding = Buffer.alloc(tiff.length % 2)
  const { bytes, mainAt } = layOut([...main, ...added], told, tiff.length + padding.length)
  return [headed(mainAt), tiff.subarray(8), padding, bytes]
}
