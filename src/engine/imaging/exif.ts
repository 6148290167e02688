/**
 * EXIF is edited in place, so that offsets inside makers' notes stay right. Source: Exif 2.32, TIFF 6.0.
 * A block that does not parse is dropped whole: half-understood metadata could hide what was asked to be removed.
 */
const TAG = {
  orientation: 0x0112,
  exifIfd: 0x8769,
  gpsIfd: 0x8825,
  widthPx: 0xa002,
  heightPx: 0xa003,
} as const
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
const MOST_ENTRIES = 1000

type Entry = { tag: number; type: number; count: number; at: number; valueAt: number; bytes: number }

/** A reader and writer of one block in its own byte order. Every access outside throws a RangeError. */
class Block {
  readonly data: Buffer
  readonly little: boolean

  constructor(data: Buffer) {
    this.data = data
    const order = data.toString('latin1', 0, 2)
    if (order !== 'II' && order !== 'MM') throw new RangeError('no byte order')
    this.little = order === 'II'
    if (this.u16(2) !== 42) throw new RangeError('no TIFF block')
  }

  u16(at: number): number {
    return this.little ? this.data.readUInt16LE(at) : this.data.readUInt16BE(at)
  }

  u32(at: number): number {
    return this.little ? this.data.readUInt32LE(at) : this.data.readUInt32BE(at)
  }

  put16(at: number, value: number): void {
    if (this.little) this.data.writeUInt16LE(value, at)
    else this.data.writeUInt16BE(value, at)
  }

  put32(at: number, value: number): void {
    if (this.little) this.data.writeUInt32LE(value, at)
    else this.data.writeUInt32BE(value, at)
  }

  entries(ifd: number): Entry[] {
    const count = this.u16(ifd)
    if (count > MOST_ENTRIES) throw new RangeError('too many entries')
    return Array.from({ length: count }, (_, index) => {
      const at = ifd + 2 + 12 * index
      const type = this.u16(at + 2)
      const values = this.u32(at + 4)
      const bytes = (SIZES[type] ?? 1) * values
      const valueAt = bytes > 4 ? this.u32(at + 8) : at + 8
      return { tag: this.u16(at), type, count: values, at, valueAt, bytes }
    })
  }

  /** Where the offset of the next directory is stored. */
  nextAt(ifd: number): number {
    return ifd + 2 + 12 * this.u16(ifd)
  }

  erase(ifd: number): void {
    for (const entry of this.entries(ifd)) this.data.fill(0, entry.valueAt, entry.valueAt + entry.bytes)
    this.data.fill(0, ifd, this.nextAt(ifd) + 4)
  }

  /** Takes one entry out of a directory; those behind it move up. */
  removeEntry(ifd: number, entry: Entry): void {
    const next = this.nextAt(ifd)
    this.data.copy(this.data, entry.at, entry.at + 12, next + 4)
    this.data.fill(0, next + 4 - 12, next + 4)
    this.put16(ifd, this.u16(ifd) - 1)
  }
}

function find(block: Block, ifd: number, tag: number): Entry | undefined {
  return block.entries(ifd).find((entry) => entry.tag === tag)
}

function removeThumbnail(block: Block, ifd0: number): void {
  const next = block.nextAt(ifd0)
  const ifd1 = block.u32(next)
  if (ifd1 === 0) return
  const start = find(block, ifd1, 0x0201)
  const length = find(block, ifd1, 0x0202)
  if (start && length) {
    const from = block.u32(start.valueAt)
    block.data.fill(0, from, from + block.u32(length.valueAt))
  }
  block.erase(ifd1)
  block.put32(next, 0)
}

function removeGpsOf(block: Block, ifd0: number): void {
  for (;;) {
    const pointer = find(block, ifd0, TAG.gpsIfd)
    if (!pointer) return
    block.erase(block.u32(pointer.valueAt))
    block.removeEntry(ifd0, pointer)
  }
}

function edit(exif: Buffer, change: (block: Block, ifd0: number) => void): Buffer | null {
  const marked = exif.subarray(0, 6).toString('latin1') === 'Exif\0\0'
  const copy = Buffer.from(marked ? exif.subarray(6) : exif)
  try {
    const block = new Block(copy)
    change(block, block.u32(4))
    return copy
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** The block as it belongs to the upright picture: orientation 1, and no thumbnail, which would show the picture as it was. */
export function uprightExif(exif: Buffer): Buffer | null {
  return edit(exif, (block, ifd0) => {
    const orientation = find(block, ifd0, TAG.orientation)
    if (orientation) block.put16(orientation.valueAt, 1)
    removeThumbnail(block, ifd0)
  })
}

/** The block with the sizes that it states brought up to date. */
export function resizedExif(exif: Buffer, widthPx: number, heightPx: number): Buffer | null {
  return edit(exif, (block, ifd0) => {
    const pointer = find(block, ifd0, TAG.exifIfd)
    if (!pointer) return
    const ifd = block.u32(pointer.valueAt)
    const put = (tag: number, value: number) => {
      const entry = find(block, ifd, tag)
      if (entry?.type === 4) block.put32(entry.valueAt, value)
      if (entry?.type === 3 && value <= 65535) block.put16(entry.valueAt, value)
    }
    put(TAG.widthPx, widthPx)
    put(TAG.heightPx, heightPx)
  })
}

/** The block without the place: its directory, all its values and the pointer to it are gone, not only unlinked. */
export function removeGps(exif: Buffer): Buffer | null {
  return edit(exif, removeGpsOf)
}

/** XMP without `exif:GPS...`, as attributes or as elements. */
export function removeGpsFromXmp(xmp: string): string {
  return xmp
    .replace(/<(exif:GPS\w+)\b[^>]*?\/>/g, '')
    .replace(/<(exif:GPS\w+)\b[^>]*>[^]*?<\/\1>/g, '')
    .replace(/\s+exif:GPS\w+\s*=\s*("[^"]*"|'[^']*')/g, '')
}

/** XMP with its own orientation, if it states one, set to upright. */
export function uprightXmp(xmp: string): string {
  return xmp
    .replace(/(tiff:Orientation\s*=\s*["'])\d(["'])/g, '$11$2')
    .replace(/(<tiff:Orientation>)\d(<\/tiff:Orientation>)/g, '$11$2')
}
