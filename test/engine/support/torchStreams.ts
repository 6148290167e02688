import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** Streams and archives as PyTorch would write them, and as it would not. */

type Part = string | number | Buffer
/** Bytes of a stream: text as it is, numbers as single bytes. */
export const stream = (...parts: readonly Part[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'number'
        ? Buffer.from([part])
        : typeof part === 'string'
          ? Buffer.from(part, 'latin1')
          : part,
    ),
  )
export const text = (value: string): Buffer => stream(0x8c, value.length, value)
export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
export const int = (value: number): Buffer => stream('J', uint32(value >>> 0))
export const PROTO = stream(0x80, 2)
export const storage = (elements: number, key = '0'): Buffer =>
  stream('(', text('storage'), 'ctorch\nFloatStorage\n', text(key), text('cpu'), int(elements), 't', 'Q')
export const tuple = (...values: readonly number[]): Buffer => stream('(', ...values.map(int), 't')
export const tensor = (elements: number, offset: number, shape: Buffer, strides: Buffer, key = '0'): Buffer =>
  stream(
    'ctorch._utils\n_rebuild_tensor_v2\n',
    '(',
    storage(elements, key),
    int(offset),
    shape,
    strides,
    0x89,
    'ccollections\nOrderedDict\n)R',
    't',
    'R',
  )
export const named = (value: Buffer): Buffer => stream(PROTO, '}', '(', text('model.1.weight'), value, 'u.')

/** An archive of these files, all of them stored as they are unless told otherwise. */
export async function writeArchive(
  path: string,
  files: readonly (readonly [place: string, bytes: Buffer])[],
  compress = false,
): Promise<string> {
  const zip = new ZipFile()
  for (const [place, bytes] of files) zip.addBuffer(bytes, place, { compress })
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
  return path
}
