import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { refuse } from '../../core/errors.ts'
import { MODEL_METADATA_KEY, modelHeader, type ModelHeader } from '../../core/models/modelHeader.ts'
import { placeWritten } from '../storage/atomic.ts'
import { openSafetensors, writeSafetensors, type SafetensorsFile } from './safetensors.ts'

export type ModelTensor = { shape: number[]; data: Float32Array }
export type ModelFile = { header: ModelHeader; tensors: Map<string, ModelTensor> }

function headerOf(file: SafetensorsFile, path: string): ModelHeader {
  const name = basename(path)
  const text = file.metadata[MODEL_METADATA_KEY]
  if (text === undefined)
    throw refuse(
      'model-foreign',
      `${name} holds tensors, but nothing that says how to use them.`,
      'Choose a model that Diptych made: it describes itself.',
    )
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const parsed = modelHeader.safeParse(json)
  if (parsed.success) return parsed.data
  throw refuse(
    'model-header',
    `The description inside ${name} cannot be read: ${parsed.error.issues[0]?.path.join('.') ?? 'it'} is wrong.`,
    'It may come from a newer version of Diptych, or be damaged. Update Diptych, or get the file again.',
  )
}

async function withModel<T>(path: string, use: (file: SafetensorsFile) => T): Promise<T> {
  await checkReadable(path)
  const file = openSafetensors(path)
  try {
    return use(file)
  } finally {
    file.close()
  }
}

/** @throws Refused `model-missing` */
export async function checkReadable(path: string): Promise<void> {
  const stream = createReadStream(path, { end: 0 })
  try {
    for await (const _byte of stream) break
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'is not there' : 'cannot be read'
    throw refuse(
      'model-missing',
      `The model ${path} ${why}.`,
      'Choose a file whose name ends in .safetensors.',
    )
  }
}

/**
 * What a model file says of itself, without reading its weights.
 * @throws Refused `model-missing`, `model-foreign`, `model-header`, `safetensors-damaged`
 */
export function readModelHeader(path: string): Promise<ModelHeader> {
  return withModel(path, (file) => headerOf(file, path))
}

/**
 * A whole model file: its header and its weights as float32 numbers. The file may be hostile.
 * @throws Refused `model-missing`, `model-foreign`, `model-header`, `tensor-type`, `safetensors-damaged`
 */
export function readModelFile(path: string): Promise<ModelFile> {
  return withModel(path, (file) => {
    const header = headerOf(file, path)
    const tensors = file.entries.map(({ name, shape }): [string, ModelTensor] => [
      name,
      { shape: [...shape], data: file.readFloats(name) },
    ])
    return { header, tensors: new Map(tensors) }
  })
}

/** What is written of one tensor: read only when its turn comes. */
export type ModelSource = { name: string; shape: readonly number[]; data(): Float32Array }

/** Writes a model file whole or not at all. Equal headers and weights give equal bytes. */
export async function writeModelFile(
  path: string,
  header: ModelHeader,
  tensors: readonly ModelSource[] | ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>,
): Promise<void> {
  const sources =
    'get' in tensors
      ? [...tensors].map(([name, { shape, data }]) => ({ name, shape, data: () => data }))
      : tensors
  const metadata = { format: 'pt', [MODEL_METADATA_KEY]: stableJson(modelHeader.parse(header)) }
  await placeWritten(path, async (temporary) => {
    await writeSafetensors(temporary, metadata, sources)
  })
}

/** JSON with sorted keys: the order in which options were given must not change a byte. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([x], [y]) => (x < y ? -1 : 1)))
      : entry,
  )
}
