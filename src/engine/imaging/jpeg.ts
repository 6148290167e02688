import type { PictureMetadata } from './picture.ts'

const LARGEST_SEGMENT = 65_533
const ICC_MARK = Buffer.from('ICC_PROFILE\0', 'latin1')

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

/** JFIF with the resolution in dots per inch. */
function jfif(dotsPerInch: number | null): Buffer {
  const body = Buffer.from('JFIF\0\x01\x02\x00\x00\x01\x00\x01\x00\x00', 'latin1')
  if (dotsPerInch) {
    body[7] = 1
    body.writeUInt16BE(Math.min(65535, Math.max(1, Math.round(dotsPerInch))), 8)
    body.writeUInt16BE(Math.min(65535, Math.max(1, Math.round(dotsPerInch))), 10)
  }
  return segment(0xe0, body)
}

/** A profile in as many numbered segments as it needs (ICC.1, annex B.4). */
function profileSegments(icc: Buffer): Buffer[] {
  const room = LARGEST_SEGMENT - ICC_MARK.length - 2
  const count = Math.ceil(icc.length / room)
  return Array.from({ length: count }, (_, index) =>
    segment(
      0xe2,
      Buffer.concat([
        ICC_MARK,
        Buffer.from([index + 1, count]),
        icc.subarray(index * room, (index + 1) * room),
      ]),
    ),
  )
}

/** EXIF or XMP under its mark; left out where it does not fit into the one segment that it may take. */
function application(mark: string, data: Buffer | null): Buffer[] {
  if (!data) return []
  const body = Buffer.concat([Buffer.from(mark, 'latin1'), data])
  return body.length <= LARGEST_SEGMENT ? [segment(0xe1, body)] : []
}

/** Where the picture itself begins: behind the encoder's own application segments. */
function skipApplicationSegments(jpeg: Buffer): number {
  let at = 2
  while (jpeg[at] === 0xff && (jpeg[at + 1] ?? 0) >= 0xe0 && (jpeg[at + 1] ?? 0) <= 0xef)
    at += 2 + jpeg.readUInt16BE(at + 2)
  return at
}

/** A JPEG, in pieces, with this metadata and no other: EXIF byte for byte, so that makers' notes stay readable. */
export function withJpegMetadata(jpeg: Buffer, { icc, exif, xmp, dotsPerInch }: PictureMetadata): Buffer[] {
  return [
    jpeg.subarray(0, 2),
    jfif(dotsPerInch),
    ...application('Exif\0\0', exif),
    ...application('http://ns.adobe.com/xap/1.0/\0', xmp === null ? null : Buffer.from(xmp, 'utf8')),
    ...(icc ? profileSegments(icc) : []),
    jpeg.subarray(skipApplicationSegments(jpeg)),
  ]
}
