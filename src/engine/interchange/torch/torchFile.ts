import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl'
import { refuse } from '../../../core/errors.ts'
import { floatsOf } from '../safetensors.ts'
import { elementBytes } from '../safetensorsHeader.ts'
import {
  damagedTorch,
  isTensor,
  readPickle,
  type Pickled,
  type StorageRef,
  type TensorRef,
} from './pickle.ts'

/** One tensor of a file, its numbers unread. */
export type TorchTensor = {
  shape: readonly number[]
  /** Row by row, as float32. @throws Refused `tensor-type` for whole numbers */
  read(): Float32Array
}
/** An open file of weights: tensors by their names. */
export type TorchFile = { tensors: ReadonlyMap<string, TorchTensor>; close(): void }

/** Where the numbers of a storage lie in the file, in bytes. */
type Place = { begin: number; end: number }
type Content = { value: Pickled; places: ReadonlyMap<string, Place> }

/** Names alone take no megabytes: a longer stream is an attack or an accident. */
const MAX_PICKLE_BYTES = 64 * 1024 * 1024
const MAX_ENTRIES = 100_000
const [ZIP_START, LEGACY_MAGIC] = [0x0403_4b50, 0x1950_a86a_20f9_469c_fc6cn]
const LEGACY_PROTOCOL = 1001

/** Under these keys trainers keep the weights among other things. */
const wrappers = ['state_dict', 'model', 'netG', 'generator', 'params_ema', 'params', 'net']
/** What networks that trained on several cards, or within another module, put before every name. */
const PREFIX = 'module.'

function readFully(descriptor: number, length: number, position: number, file: string): Buffer {
  const buffer = Buffer.alloc(length)
  for (let done = 0; done < length;) {
    const count = readSync(descriptor, buffer, done, length - done, position + done)
    if (count === 0) throw damagedTorch(file, 'it ends too early')
    done += count
  }
  return buffer
}

/**
 * Opens weights as `torch.save` writes them, in its zip format (since PyTorch 1.6) or the one before. The file may be hostile:
 * it is parsed, never run. Only names and places are read; numbers are when asked for.
 * @throws Refused `torch-file-missing`, `torch-file-damaged`, `torch-file-forbidden`, `torch-file-empty`
 */
export async function openTorchFile(path: string): Promise<TorchFile> {
  const file = basename(path)
  const descriptor = openForReading(path)
  try {
    const bytes = fstatSync(descriptor).size
    if (bytes < 4) throw damagedTorch(file, 'it is too short')
    const isZip = readFully(descriptor, 4, 0, file).readUInt32LE() === ZIP_START
    const content = isZip ? await readZip(descriptor, file) : readLegacy(descriptor, bytes, file)
    return { tensors: tensorsOf(content, descriptor, file), close: () => closeSync(descriptor) }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw refuse(
      'torch-file-missing',
      `The file ${path} ${isMissing ? 'is not there' : 'cannot be read'}.`,
      'Give a file of PyTorch weights, such as latest_net_G.pth.',
    )
  }
}

/** NAME/data.pkl, NAME/data/KEY, all of them stored as they are. */
async function readZip(descriptor: number, file: string): Promise<Content> {
  try {
    const zip = await fromFdPromise(descriptor, { lazyEntries: true, autoClose: false })
    const entries = await entriesOf(zip)
    const pickled = entries.find(({ fileName }) => /^[^/]+\/data\.pkl$/.test(fileName))
    if (!pickled) throw damagedTorch(file, 'it is an archive of something else')
    const root = pickled.fileName.slice(0, -'data.pkl'.length)
    const places = new Map<string, Place>()
    for (const entry of entries)
      if (entry.fileName.startsWith(`${root}data/`))
        places.set(entry.fileName.slice(`${root}data/`.length), await placeOf(zip, entry, file))
    const { begin, end } = await placeOf(zip, pickled, file)
    checkByteOrder(descriptor, await optionalPlace(zip, entries, `${root}byteorder`, file), file)
    return { value: readPickle(readStream(descriptor, begin, end, file), 0, file).value, places }
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) throw damagedTorch(file, error.message)
    throw error
  }
}

function entriesOf(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = []
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      if (entries.length > MAX_ENTRIES) reject(new Error('it holds too many files'))
      else zip.readEntry()
    })
    zip.on('end', () => resolve(entries))
    zip.on('error', reject)
    zip.readEntry()
  })
}

async function placeOf(zip: ZipFile, entry: Entry, file: string): Promise<Place> {
  if (entry.compressionMethod !== 0 || entry.isEncrypted())
    throw damagedTorch(file, 'what it holds is compressed, which PyTorch never does')
  const { fileDataStart: begin } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
  return { begin, end: begin + entry.uncompressedSize }
}

async function optionalPlace(zip: ZipFile, entries: readonly Entry[], name: string, file: string) {
  const entry = entries.find(({ fileName }) => fileName === name)
  return entry && placeOf(zip, entry, file)
}

function checkByteOrder(descriptor: number, place: Place | undefined, file: string): void {
  if (!place) return
  const order = readStream(descriptor, place.begin, Math.min(place.end, place.begin + 16), file).toString(
    'latin1',
  )
  if (order !== 'little') throw damagedTorch(file, 'its numbers are big-endian')
}

function readStream(descriptor: number, begin: number, end: number, file: string): Buffer {
  if (end - begin > MAX_PICKLE_BYTES) throw damagedTorch(file, 'its list of names is too long')
  return readFully(descriptor, end - begin, begin, file)
}

/** A number that marks the format, its version, the system, the names, the keys of storages; then each storage with its length before it. */
function readLegacy(descriptor: number, fileBytes: number, file: string): Content {
  const start = readFully(descriptor, Math.min(fileBytes, MAX_PICKLE_BYTES), 0, file)
  const magic = isPickle(start) ? readPickle(start, 0, file) : { value: null, end: 0 }
  if (magic.value !== LEGACY_MAGIC) throw damagedTorch(file, 'it does not begin as one does')
  const protocol = readPickle(start, magic.end, file)
  if (protocol.value !== LEGACY_PROTOCOL) throw damagedTorch(file, 'it is of another version')
  const system = readPickle(start, protocol.end, file)
  if (system.value instanceof Map && system.value.get('little_endian') === false)
    throw damagedTorch(file, 'its numbers are big-endian')
  const names = readPickle(start, system.end, file)
  const keys = readPickle(start, names.end, file)
  return { value: names.value, places: placesOf(keys, names.storages, descriptor, fileBytes, file) }
}

function isPickle(start: Buffer): boolean {
  return start[0] === 0x80
}

function placesOf(
  keys: { value: Pickled; end: number },
  storages: ReadonlyMap<string, StorageRef>,
  descriptor: number,
  fileBytes: number,
  file: string,
): Map<string, Place> {
  if (!Array.isArray(keys.value)) throw damagedTorch(file, 'it does not list its numbers')
  const places = new Map<string, Place>()
  let at = keys.end
  for (const key of keys.value) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined
    if (!storage) throw damagedTorch(file, 'it lists numbers that nothing uses')
    const elements = Number(readFully(descriptor, 8, at, file).readBigInt64LE())
    const begin = at + 8
    at = begin + storage.elements * elementBytes[storage.type]
    if (elements !== storage.elements || at > fileBytes) throw damagedTorch(file, 'it ends too early')
    places.set(storage.key, { begin, end: at })
  }
  return places
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

function tensorsOf({ value, places }: Content, descriptor: number, file: string): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>()
  for (const [name, tensor] of weightsOf(value)) {
    const { storage, shape } = tensor
    const place = places.get(storage.key)
    if (!place || place.end - place.begin < storage.elements * elementBytes[storage.type])
      throw damagedTorch(file, `the numbers of ${JSON.stringify(name.slice(0, 80))} are not in it`)
    tensors.set(name, { shape, read: () => readTensor(tensor, name, place, descriptor, file) })
  }
  if (tensors.size > 0) return tensors
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
  descriptor: number,
  file: string,
): Float32Array {
  const [size, last] = [
    elementBytes[storage.type],
    shape.reduce((sum, side, axis) => sum + (side - 1) * (strides[axis] ?? 0), offset),
  ]
  const elements = shape.reduce((product, side) => product * side, 1)
  if (elements === 0) return new Float32Array(0)
  const bytes = readFully(descriptor, (last + 1 - offset) * size, begin + offset * size, file)
  return inRows(
    floatsOf({ name, type: storage.type }, Uint8Array.from(bytes), file),
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
