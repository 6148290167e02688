import { refuse } from '../../../core/errors.ts'
import type { ElementType } from '../safetensorsHeader.ts'

/** Numbers that lie elsewhere in a file of PyTorch, by key. */
export type StorageRef = { kind: 'storage'; type: ElementType; key: string; elements: number }
/** A view of such numbers: `shape` and `strides` in elements, the first at `offset`. */
export type TensorRef = {
  kind: 'tensor'
  storage: StorageRef
  offset: number
  shape: readonly number[]
  strides: readonly number[]
}
/** What a stream may still make; it is charged for what could grow beyond it. */
type Budget = { entriesLeft: number }
type Call = (args: readonly Pickled[], budget: Budget) => Pickled
type Allowed = { kind: 'allowed'; call?: Call; type?: ElementType }
type Simple = null | boolean | number | bigint | string | Uint8Array
/** All that a stream can become here. Lists and tuples are arrays. */
export type Pickled = Simple | Pickled[] | Map<Pickled, Pickled> | StorageRef | TensorRef | Allowed

const MAX_RANK = 16
/** In every pickled nn.Module. */
const MODULE_FIELD = '_modules'

/** What storages are called, and the type of their numbers. */
const storageTypes: ReadonlyMap<string, ElementType> = new Map([
  ['FloatStorage', 'F32'],
  ['DoubleStorage', 'F64'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
])

/** All that a stream may call: what builds dictionaries, sizes and tensors. */
const calls: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', toMap],
  ['torch._utils._rebuild_tensor', toTensor],
  ['torch._utils._rebuild_tensor_v2', toTensor],
  ['torch._utils._rebuild_parameter', ([tensor = null]) => tensor],
  ['torch.Size', ([sizes = []]) => sizes],
])

/** A name of a file's own making as a person may be shown it: short, in quotes, and plain letters alone. */
export function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80).replace(/[^ -~]/g, '?'))
}

/** Wrong in itself: told as a damaged file. */
export class Wrong extends Error {}

function toMap(args: readonly Pickled[], budget: Budget): Pickled {
  const [entries = []] = args
  if (args.length > 1 || !Array.isArray(entries)) throw new Wrong('a dictionary is made of something else')
  // The same long list could be turned into dictionaries again and again.
  budget.entriesLeft -= entries.length
  if (budget.entriesLeft < 0) throw new Wrong('it has more entries than its length allows')
  return new Map(
    entries.map((entry) => {
      if (!Array.isArray(entry) || entry.length !== 2)
        throw new Wrong('an entry of a dictionary is not a pair')
      return [entry[0] as Pickled, entry[1] as Pickled]
    }),
  )
}

export function isKind<Kind extends 'storage' | 'tensor' | 'allowed'>(
  value: Pickled | undefined,
  kind: Kind,
): value is Extract<Pickled, { kind: Kind }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

export function isTensor(value: Pickled | undefined): value is TensorRef {
  return isKind(value, 'tensor')
}

export function isCount(value: Pickled | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function toCounts(value: Pickled | undefined): number[] {
  if (!Array.isArray(value) || value.length > MAX_RANK || !value.every(isCount))
    throw new Wrong('the shape of a tensor is not a list of whole numbers')
  return value
}

/** How many numbers a tensor of a shape has. */
export function countOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, 1)
}

/** Every number of the tensor must lie in its storage, and it may not be larger than that: nothing can be blown up by repeating. */
function toTensor([storage, offset, sizes, steps]: readonly Pickled[]): Pickled {
  const [shape, strides] = [toCounts(sizes), toCounts(steps)]
  if (!isKind(storage, 'storage') || !isCount(offset) || shape.length !== strides.length)
    throw new Wrong('a tensor is not made of a storage, a place and a shape')
  const elements = countOf(shape)
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * (strides[axis] ?? 0), offset)
  if (elements > 0 && (elements > storage.elements || last >= storage.elements))
    throw new Wrong('a tensor reaches beyond its numbers')
  return { kind: 'tensor', storage, offset, shape, strides }
}

/** What a stream may call by a name. @throws Refused `torch-file-forbidden` for anything but what makes tensors */
export function allowedOf(
  module: string,
  name: string,
  { bytes, file }: { bytes: Buffer; file: string },
): Allowed {
  const full = `${module}.${name}`
  const call = calls.get(full)
  const type = module === 'torch' ? storageTypes.get(name) : undefined
  if (call) return { kind: 'allowed', call }
  if (type) return { kind: 'allowed', type }
  if (bytes.includes(MODULE_FIELD))
    throw refuse(
      'torch-file-forbidden',
      `${file} holds a whole network with the name of its program, ${quoted(full)}, and not weights alone. Nothing of it was run.`,
      'Where it can be loaded, save its weights: torch.save(netG.state_dict(), file).',
    )
  throw refuse(
    'torch-file-forbidden',
    `${file} asks for ${quoted(full)}, which is no tensor. Nothing of it was run.`,
    'Only take files from people you trust, and save the network as a state_dict: torch.save(netG.state_dict(), file).',
  )
}
