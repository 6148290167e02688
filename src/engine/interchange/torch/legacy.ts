import { elementBytes } from '../safetensorsHeader.ts'
import { refuseForeign } from './foreign.ts'
import { damagedTorch, readPickle } from './pickle.ts'
import type { Pickled, StorageRef } from './pickled.ts'
import { MAX_PICKLE_BYTES, readAt, type Content, type Place, type Source } from './source.ts'

const [LEGACY_MAGIC, LEGACY_PROTOCOL] = [0x1950_a86a_20f9_469c_fc6cn, 1001]

/**
 * Reads the format before PyTorch 1.6: a number that marks it, its version, the system, the names, the keys of storages; then each
 * storage with its length before it.
 * @throws Refused `torch-file-damaged`, `torch-file-forbidden`, `torch-file-foreign`
 */
export function readLegacy(source: Source): Content {
  const { bytes, file } = source
  const start = readAt(source, 0, Math.min(bytes, MAX_PICKLE_BYTES))
  refuseForeign(start, file)
  const magic = start[0] === 0x80 ? readPickle(start, 0, file) : { value: null, end: 0 }
  if (magic.value !== LEGACY_MAGIC) throw damagedTorch(file, 'it does not begin as one does')
  const protocol = readPickle(start, magic.end, file)
  if (protocol.value !== LEGACY_PROTOCOL) throw damagedTorch(file, 'it is of another version')
  const system = readPickle(start, protocol.end, file)
  if (system.value instanceof Map && system.value.get('little_endian') === false)
    throw damagedTorch(file, 'its numbers are big-endian')
  const names = readPickle(start, system.end, file)
  const keys = readPickle(start, names.end, file)
  return { value: names.value, places: placesOf(keys, names.storages, source) }
}

function placesOf(
  keys: { value: Pickled; end: number },
  storages: ReadonlyMap<string, StorageRef>,
  source: Source,
): Map<string, Place> {
  const { bytes, file } = source
  if (!Array.isArray(keys.value)) throw damagedTorch(file, 'it does not list its numbers')
  const places = new Map<string, Place>()
  let at = keys.end
  for (const key of keys.value) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined
    if (!storage || places.has(storage.key)) throw damagedTorch(file, 'it lists numbers that nothing uses')
    const elements = Number(readAt(source, at, 8).readBigInt64LE())
    const begin = at + 8
    at = begin + storage.elements * elementBytes[storage.type]
    if (elements !== storage.elements || at > bytes) throw damagedTorch(file, 'it ends too early')
    places.set(storage.key, { begin, end: at })
  }
  return places
}
