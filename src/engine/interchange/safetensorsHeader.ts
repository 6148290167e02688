import { z } from 'zod'
import { refuse } from '../../core/errors.ts'

/** Bytes of one element, by the format's names of types. */
export const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  F32: 4,
  I64: 8,
  F64: 8,
} as const
export type ElementType = keyof typeof elementBytes

/** Where a tensor lies: `begin` and `end` are bytes from the start of the file. */
export type TensorEntry = {
  name: string
  type: ElementType
  shape: readonly number[]
  begin: number
  end: number
}

export type SafetensorsHeader = { metadata: Record<string, string>; entries: readonly TensorEntry[] }

/** Far above what any network needs; a larger header is an attack or an accident. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024
const MAX_RANK = 16
export const LENGTH_BYTES = 8

const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(elementBytes) as [ElementType, ...ElementType[]]),
  shape: z.array(offset).max(MAX_RANK),
  data_offsets: z.tuple([offset, offset]),
})
const metadataSchema = z.record(z.string(), z.string())

/** The refusal for a file that is not what its name says. */
export function damaged(file: string, why: string): Error {
  return refuse(
    'safetensors-damaged',
    `${file} is not a whole safetensors file: ${why}.`,
    'Get the file again from where it came from, or make it again.',
  )
}

/** How long the header is, from the file's first eight bytes. */
export function headerLength(prefix: Buffer, fileBytes: number, file: string): number {
  if (prefix.length < LENGTH_BYTES) throw damaged(file, 'it is too short')
  const length = prefix.readBigUInt64LE(0)
  if (length > BigInt(MAX_HEADER_BYTES)) throw damaged(file, 'its header is too long')
  if (Number(length) + LENGTH_BYTES > fileBytes) throw damaged(file, 'it ends within its header')
  return Number(length)
}

function parseJson(text: string, file: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged(file, 'its header is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw damaged(file, 'its header is not an object')
  return value as Record<string, unknown>
}

function parseEntry(name: string, value: unknown, dataStart: number, file: string): TensorEntry {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) throw damaged(file, `its entry for ${JSON.stringify(name.slice(0, 80))} is wrong`)
  const { dtype, shape, data_offsets: offsets } = parsed.data
  const elements = shape.reduce((product, side) => product * side, 1)
  if (elements * elementBytes[dtype] !== offsets[1] - offsets[0])
    throw damaged(file, `the size of ${JSON.stringify(name.slice(0, 80))} does not fit its shape`)
  return { name, type: dtype, shape, begin: dataStart + offsets[0], end: dataStart + offsets[1] }
}

/** Tensors must follow one another from the first byte of data to the last: no hole, no overlap, nothing outside. */
function checkLayout(entries: readonly TensorEntry[], dataStart: number, fileBytes: number, file: string) {
  let at = dataStart
  for (const { begin, end } of [...entries].sort((x, y) => x.begin - y.begin || x.end - y.end)) {
    if (begin !== at) throw damaged(file, 'its tensors overlap or leave holes')
    at = end
  }
  if (at !== fileBytes) throw damaged(file, 'its length is not what its header says')
}

/**
 * Reads the header of a file that may be hostile. Everything that it claims is checked against the file's length.
 * @throws Refused `safetensors-damaged`
 */
export function parseHeader(text: string, fileBytes: number, headerBytes: number, file: string) {
  const json = parseJson(text, file)
  const dataStart = LENGTH_BYTES + headerBytes
  const metadata = metadataSchema.safeParse(Object.hasOwn(json, '__metadata__') ? json.__metadata__ : {})
  if (!metadata.success) throw damaged(file, 'its metadata are wrong')
  const entries = Object.entries(json)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value, dataStart, file))
  checkLayout(entries, dataStart, fileBytes, file)
  return { metadata: metadata.data, entries } satisfies SafetensorsHeader
}
