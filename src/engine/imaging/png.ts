import { crc32, deflateSync } from 'node:zlib'
import type { PictureMetadata } from './picture.ts'

const SIGNATURE_AND_HEADER = 8 + 25

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

function resolutionChunk(dotsPerInch: number): Buffer {
  const data = Buffer.alloc(9)
  const perMetre = Math.round(dotsPerInch / 0.0254)
  data.writeUInt32BE(perMetre, 0)
  data.writeUInt32BE(perMetre, 4)
  data[8] = 1
  return chunk('pHYs', data)
}

/** Chunks that would say a second time, and otherwise, what the metadata says. */
const replaced = new Set(['iCCP', 'sRGB', 'gAMA', 'cHRM', 'eXIf', 'pHYs', 'tEXt', 'zTXt', 'iTXt', 'tIME'])

function withoutReplaced(png: Buffer): Buffer[] {
  const kept: Buffer[] = []
  let at = SIGNATURE_AND_HEADER
  while (at + 12 <= png.length) {
    const end = at + 12 + png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    if (type === 'IDAT') return [...kept, png.subarray(at)]
    if (!replaced.has(type)) kept.push(png.subarray(at, end))
    at = end
  }
  return kept
}

/** A PNG, in pieces, with this metadata and no other (PNG specification, third edition: iCCP, pHYs, eXIf, iTXt before IDAT). */
export function withPngMetadata(png: Buffer, metadata: PictureMetadata): Buffer[] {
  const chunks: Buffer[] = []
  if (metadata.icc)
    chunks.push(chunk('iCCP', Buffer.concat([Buffer.from('ICC\0\0', 'latin1'), deflateSync(metadata.icc)])))
  if (metadata.dotsPerInch) chunks.push(resolutionChunk(metadata.dotsPerInch))
  if (metadata.exif) chunks.push(chunk('eXIf', metadata.exif))
  if (metadata.xmp) {
    const keyword = Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1')
    chunks.push(chunk('iTXt', Buffer.concat([keyword, Buffer.from(metadata.xmp, 'utf8')])))
  }
  return [png.subarray(0, SIGNATURE_AND_HEADER), ...chunks, ...withoutReplaced(png)]
}
