import { refuse } from '../../../core/errors.ts'
import { floatsOf } from '../safetensors.ts'
import { elementBytes } from '../safetensorsHeader.ts'
import { readArchive } from './archive.ts'
import { refuseOptimizer } from './foreign.ts'
import { readLegacy } from './legacy.ts'
import { damagedTorch } from './pickle.ts'
import { countOf, isTensor, quoted, type Pickled, type TensorRef } from './pickled.ts'
import { openSource, readAt, type Content, type Place, type Source } from './source.ts'

/** One tensor of a file, its numbers unread. */
export type TorchTensor = {
  shape: readonly number[]
  /** Row by row, as float32. @throws Refused `tensor-type` for whole numbers */
  read(): Float32Array
}
/** An open file of weights: tensors by their names. */
export type TorchFile = { tensors: ReadonlyMap<string, TorchTensor>; close(): void }

const ZIP_START = 0x0403_4b50

/** Under these keys trainers keep the weights among other things. */
const wrappers = ['state_dict', 'model', 'netG', 'generator', 'params_ema', 'params', 'net']
/** What networks that trained on several cards, or within another module, put before every name. */
const PREFIX = 'module.'

/**
 * Opens weights as `torch.save` writes them, in its zip format (since PyTorch 1.6) or the one before. The file may be hostile:
 * it is parsed, never run. Only names and places are read; numbers are when asked for.
 * @throws Refused `torch-file-missing`, `-damaged`, `-forbidden`, `-empty`, `-foreign`, `-program`, `-optimizer`
 */
export async function openTorchFile(path: string): Promise<TorchFile> {
  const source = openSource(path)
  try {
    if (source.bytes < 4) throw damagedTorch(source.file, 'it is too short')
    const isZip = readAt(source, 0, 4).readUInt32LE() === ZIP_START
    const content = isZip ? await readArchive(source) : readLegacy(source)
    return { tensors: tensorsOf(content, source), close: source.close }
  } catch (error) {
    source.close()
    throw error
  }
}

/** The tensors by name: at the top, or under one of the keys that trainers use. */
function weightsOf(value: Pickled): Map<string, TensorRef> {
  if (!(value instanceof Map)) return new Map()
  const direct = namedTensors(value)
  if (direct.size > 0) return direct
  for (const wrapper of wrappers) {
    const inner = value.get(wrapper)
    const found = inner instanceof Map ? namedTensors(inner) : new Map<string, TensorRef>()
    if (found.size > 0) return found
  }
  return new Map()
}

function namedTensors(entries: ReadonlyMap<Pickled, Pickled>): Map<string, TensorRef> {
  const found: [string, TensorRef][] = []
  for (const [name, entry] of entries)
    if (typeof name === 'string' && isTensor(entry)) found.push([name, entry])
  const isPrefixed = found.every(([name]) => name.startsWith(PREFIX))
  return new Map(isPrefixed ? found.map(([name, entry]) => [name.slice(PREFIX.length), entry]) : found)
}

function tensorsOf({ value, places }: Content, source: Source): Map<string, TorchTensor> {
  const { file, bytes } = source
  const weights = weightsOf(value)
  const tensors = new Map<string, TorchTensor>()
  let total = 0
  for (const [name, tensor] of weights) {
    const { storage, shape } = tensor
    const place = places.get(storage.key)
    if (
      !place ||
      place.end > bytes ||
      place.end - place.begin < storage.elements * elementBytes[storage.type]
    )
      throw damagedTorch(file, `the numbers of ${quoted(name)} are not in it`)
    total += countOf(shape) * elementBytes[storage.type]
    tensors.set(name, { shape, read: () => readTensor(tensor, name, place, source) })
  }
  // The same numbers under many names would grow with every name.
  if (total > bytes) throw damagedTorch(file, 'its tensors hold more numbers than it has')
  if (tensors.size > 0) return tensors
  if (value instanceof Map && value.has('param_groups') && value.has('state')) throw refuseOptimizer(file)
  throw refuse(
    'torch-file-empty',
    `There are no weights in ${file}.`,
    'Save a network as a state_dict: torch.save(netG.state_dict(), file).',
  )
}

function readTensor(
  { storage, offset, shape, strides }: TensorRef,
  name: string,
  { begin }: Place,
  source: Source,
): Float32Array {
  const elements = countOf(shape)
  if (elements === 0) return new Float32Array(0)
  const size = elementBytes[storage.type]
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * (strides[axis] ?? 0), offset)
  const bytes = readAt(source, begin + offset * size, (last + 1 - offset) * size)
  return inRows(
    floatsOf({ name, type: storage.type }, new Uint8Array(bytes), source.file),
    shape,
    strides,
    elements,
  )
}

/** Row by row, whatever the strides. */
function inRows(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
  elements: number,
): Float32Array {
  const ordered = new Float32Array(elements)
  const index = shape.map(() => 0)
  for (let at = 0, from = 0; at < elements; at += 1) {
    ordered[at] = values[from] ?? Number.NaN
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis] = (index[axis] ?? 0) + 1
      from += strides[axis] ?? 0
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break
      from -= (strides[axis] ?? 0) * (shape[axis] ?? 0)
      index[axis] = 0
    }
  }
  return ordered
}
