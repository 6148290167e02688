import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Refused, refuse } from '../../core/errors.ts'
import { endsWell, TAIL_BYTES } from './wholeness.ts'

const READABLE = 'Diptych reads JPEG, PNG, TIFF, WebP, AVIF and GIF.'

/** First bytes of what people mistake for a picture that we read. */
const signatures: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /^\s*(<\?xml[^]*)?(<!--[^]*)?(<!DOCTYPE svg[^]*)?<svg/i, what: 'an SVG drawing' },
  { pattern: /^BM/, what: 'a BMP picture' },
  { pattern: /^%PDF/, what: 'a PDF document' },
  { pattern: /^8BPS/, what: 'a Photoshop document' },
  { pattern: /^.{4}ftyp(heic|heix|hevc|mif1|msf1)/s, what: 'a HEIC photograph' },
  { pattern: /^.{4}ftyp/s, what: 'a film, or a camera picture of another kind' },
  { pattern: /^(\xff\x0a|.{4}JXL )/s, what: 'a JPEG XL picture' },
  { pattern: /^(.{4}jP {2}|\xff\x4f\xff\x51)/s, what: 'a JPEG 2000 picture' },
  { pattern: /^(SIMPLE {2}=|#\?RADIANCE|v\/1\x01)/, what: 'a picture in a scientific or HDR format' },
  { pattern: /^P[1-7fF]\s/, what: 'a PNM picture' },
  { pattern: /^PK\x03\x04/, what: 'a ZIP archive' },
]

/** First bytes of what we do read: behind them the file is not whole. */
const readable =
  /^(\xff\xd8\xff|\x89PNG\r\n|II\*\0|MM\0\*|II\+\0|MM\0\+|GIF8|RIFF.{4}WEBP|.{4}ftyp(avif|avis))/s

async function readPart(path: string, at: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function firstBytes(path: string): Promise<string> {
  return (await readPart(path, 0, 512)).toString('latin1')
}

/** libvips keeps one message for all threads, so what it said may be lost or another file's: the file itself is asked. */
async function isCutOff(path: string): Promise<boolean> {
  const { size } = await stat(path)
  const tail = await readPart(path, Math.max(0, size - TAIL_BYTES), TAIL_BYTES)
  return !endsWell(await readPart(path, 0, 12), tail, size)
}

async function refuseUnsupported(path: string): Promise<Refused> {
  const name = basename(path)
  const head = await firstBytes(path)
  if (readable.test(head))
    return refuse(
      'picture-truncated',
      `${name} begins like a picture, but the rest of it is missing or damaged.`,
      'Copy it again from where it came from.',
    )
  const signature = signatures.find(({ pattern }) => pattern.test(head))
  if (signature)
    return refuse(
      'picture-unsupported',
      `${name} is ${signature.what}, which cannot be read.`,
      `${READABLE} Save it as one of these.`,
    )
  if (!/[\x00-\x08\x0e-\x1f]/.test(head))
    return refuse(
      'picture-is-text',
      `${name} is a text file, not a picture.`,
      'Remove it, or put the real picture in its place.',
    )
  return refuse(
    'picture-unsupported',
    `${name} is not a picture that can be read: its content is unknown or damaged at the very beginning.`,
    READABLE,
  )
}

const byCode: Readonly<Record<string, readonly [code: string, what: string, remedy: string]>> = {
  ENOENT: ['picture-missing', 'is not there', 'It may have been moved or renamed. Check the folder.'],
  EACCES: ['picture-forbidden', 'may not be read', 'Change its permissions, then try again.'],
  EPERM: ['picture-forbidden', 'may not be read', 'Change its permissions, then try again.'],
}

/** The refusal for a file that the file system itself does not give us, or that is no file with content. */
async function refuseFile(path: string): Promise<Refused | null> {
  const name = basename(path)
  try {
    const found = await stat(path)
    if (!found.isFile())
      return refuse('picture-not-a-file', `${name} is not a file.`, 'Choose the pictures in it.')
    if (found.size === 0)
      return refuse(
        'picture-empty',
        `${name} is empty: it has 0 bytes.`,
        'Copy it again from where it came from.',
      )
    await firstBytes(path)
    return null
  } catch (error) {
    const known = byCode[(error as NodeJS.ErrnoException).code ?? '']
    if (!known) throw error
    return refuse(known[0], `${name} ${known[1]}.`, known[2])
  }
}

/** Turns what sharp throws for a file into what a person can act on. Never throws away what libvips said. */
export async function refusalForPicture(path: string, error: unknown): Promise<Error> {
  if (error instanceof Refused) return error
  const name = basename(path)
  const said =
    (error instanceof Error ? error.message : String(error)).replaceAll(path, name).split('\n')[0] ?? ''
  const refusedFile = await refuseFile(path)
  if (refusedFile) return refusedFile
  if (/unsupported image format/i.test(said)) return refuseUnsupported(path)
  if (/pixel limit|exceeds|too large/i.test(said))
    return refuse(
      'picture-too-large',
      `${name} is larger than 268 million pixels, which is the limit.`,
      'Make it smaller, or cut it into parts.',
    )
  const saysCutOff = /premature end|truncat|not enough|end of (file|stream|input)|unexpected eof|short read/i
  const because = /unknown error/i.test(said) ? '' : ` (${said})`
  if (saysCutOff.test(said) || (await isCutOff(path)))
    return refuse(
      'picture-truncated',
      `${name} is cut off: a part of the file is missing${because}.`,
      'Copy it again from where it came from.',
    )
  return refuse(
    'picture-damaged',
    `${name} is damaged and cannot be read${because}.`,
    'Open it in another program and save it again, or copy it again from where it came from.',
  )
}
