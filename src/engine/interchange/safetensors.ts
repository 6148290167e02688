import { createHash, type Hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import {
  damaged,
  elementBytes,
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  type ElementType,
  type SafetensorsHeader,
  type TensorEntry,
} from './safetensorsHeader.ts'

export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

/** A tensor that is read only when it is written out, so that a large file need not be in memory whole. */
export type WritableTensor = {
  name: string
  shape: readonly number[]
  type?: ElementType
  data(): TensorData
}

/** An open file: the header is parsed, the tensors are read one by one when asked for. */
export type SafetensorsFile = SafetensorsHeader & {
  /** F32, F64, F16 and BF16 as float32 numbers. @throws Refused `tensor-type` for whole numbers */
  readFloats(name: string): Float32Array
  /** The stored numbers of a F32, F64, I32, I64, U8 or BOOL tensor. @throws Refused `tensor-type` for the others */
  read(name: string): TensorData
  close(): void
}

function readFully(descriptor: number, buffer: Uint8Array, position: number, file: string): void {
  let done = 0
  while (done < buffer.length) {
    const count = readSync(descriptor, buffer, done, buffer.length - done, position + done)
    if (count === 0) throw damaged(file, 'it ends too early')
    done += count
  }
}

function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** @param bytes a buffer of their own, little-endian @throws Refused `tensor-type` for whole numbers */
export function floatsOf(
  { name, type }: Pick<TensorEntry, 'name' | 'type'>,
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
): Float32Array {
  const { buffer } = bytes
  if (type === 'F32') return new Float32Array(buffer)
  if (type === 'F64') return Float32Array.from(new Float64Array(buffer))
  if (type === 'F16') return Float32Array.from(new Uint16Array(buffer), halfToFloat)
  if (type === 'BF16')
    return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer)
  throw wrongType(name, type, file)
}

function toStored({ name, type }: TensorEntry, bytes: Uint8Array, file: string): TensorData {
  const { buffer } = bytes
  if (type === 'F32') return new Float32Array(buffer)
  if (type === 'F64') return new Float64Array(buffer)
  if (type === 'I32') return new Int32Array(buffer)
  if (type === 'I64') return new BigInt64Array(buffer)
  if (type === 'U8' || type === 'BOOL') return new Uint8Array(buffer)
  throw wrongType(name, type, file)
}

function wrongType(name: string, type: string, file: string): Error {
  return refuse(
    'tensor-type',
    `${file} holds ${JSON.stringify(name.slice(0, 80))} as ${type}, which cannot be used here.`,
    'Save it again in float32.',
  )
}

/**
 * Opens a file that may be hostile.
 * @throws Refused `safetensors-damaged`
 */
export function openSafetensors(path: string): SafetensorsFile {
  const file = basename(path)
  const descriptor = openSync(path, 'r')
  try {
    const fileBytes = fstatSync(descriptor).size
    const prefix = Buffer.alloc(Math.min(LENGTH_BYTES, fileBytes))
    readFully(descriptor, prefix, 0, file)
    const headerBytes = headerLength(prefix, fileBytes, file)
    const text = Buffer.alloc(headerBytes)
    readFully(descriptor, text, LENGTH_BYTES, file)
    const header = parseHeader(text.toString('utf8'), fileBytes, headerBytes, file)
    return withReaders(header, descriptor, file)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function withReaders(header: SafetensorsHeader, descriptor: number, file: string): SafetensorsFile {
  const byName = new Map(header.entries.map((entry) => [entry.name, entry]))
  const load = (name: string): [TensorEntry, Uint8Array<ArrayBuffer>] => {
    const entry = byName.get(name)
    if (!entry) throw damaged(file, `it has no tensor named ${JSON.stringify(name.slice(0, 80))}`)
    const bytes = new Uint8Array(entry.end - entry.begin)
    readFully(descriptor, bytes, entry.begin, file)
    return [entry, bytes]
  }
  return {
    ...header,
    readFloats: (name) => floatsOf(...load(name), file),
    read: (name) => toStored(...load(name), file),
    close: () => closeSync(descriptor),
  }
}

function typeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Float64Array) return 'F64'
  if (data instanceof Int32Array) return 'I32'
  return data instanceof BigInt64Array ? 'I64' : 'U8'
}

function inOrder(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0
}

/** Header bytes: metadata first, then the tensors by name, padded with spaces to a multiple of eight. */
function encodeHeader(
  metadata: Readonly<Record<string, string>>,
  tensors: readonly WritableTensor[],
): Buffer {
  const sorted = Object.entries(metadata).sort(([x], [y]) => inOrder(x, y))
  const header: [string, unknown][] = sorted.length ? [['__metadata__', Object.fromEntries(sorted)]] : []
  let at = 0
  for (const { name, shape, type = 'F32' } of tensors) {
    const end = at + shape.reduce((product, side) => product * side, elementBytes[type])
    header.push([name, { dtype: type, shape, data_offsets: [at, end] }])
    at = end
  }
  const body = header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  const text = Buffer.from(`{${body.join(',')}}`, 'utf8')
  const padded = Buffer.alloc(LENGTH_BYTES + Math.ceil(text.length / 8) * 8, ' ')
  padded.writeBigUInt64LE(BigInt(padded.length - LENGTH_BYTES), 0)
  text.copy(padded, LENGTH_BYTES)
  return padded
}

async function writeAll(handle: FileHandle, hash: Hash, bytes: Uint8Array): Promise<number> {
  hash.update(bytes)
  let done = 0
  while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten
  return bytes.length
}

/**
 * Writes tensors one after another; the same tensors give the same bytes in whatever order they come. The file is
 * flushed to the disk, but not put in place atomically: write into a temporary file or folder.
 * @returns length and SHA-256 of what was written
 */
export async function writeSafetensors(
  path: string,
  metadata: Readonly<Record<string, string>>,
  tensors: readonly WritableTensor[],
): Promise<{ bytes: number; sha256: string }> {
  const sorted = [...tensors].sort((x, y) => inOrder(x.name, y.name))
  const hash = createHash('sha256')
  const handle = await open(path, 'wx')
  try {
    let bytes = await writeAll(handle, hash, encodeHeader(metadata, sorted))
    for (const { name, shape, type = 'F32', data } of sorted) {
      const values = data()
      const elements = shape.reduce((product, side) => product * side, 1)
      if (values.length !== elements || typeOf(values) !== type)
        throw new Error(`The data of ${name} are not ${elements} numbers of type ${type}.`)
      bytes += await writeAll(
        handle,
        hash,
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      )
    }
    await handle.sync()
    return { bytes, sha256: hash.digest('hex') }
  } finally {
    await handle.close()
  }
}
