import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll } from 'vitest'
import { Refused, type Refusal } from '../../../src/core/errors.ts'
import type { Picture } from '../../../src/engine/imaging/picture.ts'

/** A folder that goes away with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-imaging-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A picture in which every sample tells where it is, so that a flip, a swap or a shift shows. */
export function samplePicture(
  widthPx: number,
  heightPx: number,
  {
    channels = 3,
    bitDepth = 8,
    alpha = false,
  }: { channels?: number; bitDepth?: 8 | 16; alpha?: boolean } = {},
): Picture {
  const top = bitDepth === 16 ? 65536 : 256
  const make = (length: number) => (bitDepth === 16 ? new Uint16Array(length) : new Uint8Array(length))
  const data = make(widthPx * heightPx * channels)
  for (let index = 0; index < data.length; index += 1) {
    const pixel = Math.floor(index / channels)
    const x = pixel % widthPx
    const y = Math.floor(pixel / widthPx)
    data[index] = (x * 211 * (top / 256) + y * 37 + (index % channels) * 89 + 5) % top
  }
  const plane = alpha ? make(widthPx * heightPx).map((_, index) => (index * 7919) % top) : null
  return {
    data,
    widthPx,
    heightPx,
    channels,
    bitDepth,
    alpha: plane,
    colourSpace: channels === 1 ? 'grey' : channels === 3 ? 'srgb' : 'data',
    metadata: { format: 'png', icc: null, exif: null, xmp: null, dotsPerInch: null },
  }
}

export function noise(width: number, height: number) {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
}

export async function refusalFrom(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work
  } catch (error) {
    if (error instanceof Refused) return error.refusal
    throw error
  }
  throw new Error('It was not refused.')
}

export function put(folder: string, name: string, data: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, data)
  return path
}
