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
type Call = (args: readonly Pickled[], machine: Machine) => Pickled
type Allowed = { kind: 'allowed'; call?: Call; type?: ElementType }
type Simple = null | boolean | number | bigint | string | Uint8Array
/** All that a stream can become here. Lists and tuples are arrays. */
export type Pickled = Simple | Pickled[] | Map<Pickled, Pickled> | StorageRef | TensorRef | Allowed

const MAX_RANK = 16

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

/** Wrong in itself: told as a damaged file. */
class Wrong extends Error {}

function toMap(args: readonly Pickled[], machine: Machine): Pickled {
  const [entries = []] = args
  if (args.length > 1 || !Array.isArray(entries)) throw new Wrong('a dictionary is made of something else')
  // The same long list could be turned into dictionaries again and again.
  machine.entriesLeft -= entries.length
  if (machine.entriesLeft < 0) throw new Wrong('it has more entries than its length allows')
  return new Map(
    entries.map((entry) => {
      if (!Array.isArray(entry) || entry.length !== 2)
        throw new Wrong('an entry of a dictionary is not a pair')
      return [entry[0] as Pickled, entry[1] as Pickled]
    }),
  )
}

function isKind<Kind extends 'storage' | 'tensor' | 'allowed'>(
  value: Pickled | undefined,
  kind: Kind,
): value is Extract<Pickled, { kind: Kind }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

export function isTensor(value: Pickled | undefined): value is TensorRef {
  return isKind(value, 'tensor')
}

function isCount(value: Pickled | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function toCounts(value: Pickled | undefined): number[] {
  if (!Array.isArray(value) || value.length > MAX_RANK || !value.every(isCount))
    throw new Wrong('the shape of a tensor is not a list of whole numbers')
  return value
}

/** Every number of the tensor must lie in its storage, and it may not be larger than that: nothing can be blown up by repeating. */
function toTensor([storage, offset, sizes, steps]: readonly Pickled[]): Pickled {
  const [shape, strides] = [toCounts(sizes), toCounts(steps)]
  if (!isKind(storage, 'storage') || !isCount(offset) || shape.length !== strides.length)
    throw new Wrong('a tensor is not made of a storage, a place and a shape')
  const elements = shape.reduce((product, side) => product * side, 1)
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * (strides[axis] ?? 0), offset)
  if (elements > 0 && (elements > storage.elements || last >= storage.elements))
    throw new Wrong('a tensor reaches beyond its numbers')
  return { kind: 'tensor', storage, offset, shape, strides }
}

function allowedOf(module: string, name: string, file: string): Allowed {
  const full = `${module}.${name}`
  const call = calls.get(full)
  const type = module === 'torch' ? storageTypes.get(name) : undefined
  if (call) return { kind: 'allowed', call }
  if (type) return { kind: 'allowed', type }
  throw refuse(
    'torch-file-forbidden',
    `${file} asks for ${JSON.stringify(full.slice(0, 80))}, which is no tensor. Nothing of it was run.`,
    'Only take files from people you trust, and save the network as a state_dict: torch.save(netG.state_dict(), file).',
  )
}

type Machine = {
  bytes: Buffer
  at: number
  stack: Pickled[]
  /** Heights of the stack at which marks were set. */
  marks: number[]
  memo: Map<number, Pickled>
  entriesLeft: number
  storages: Map<string, StorageRef>
  file: string
}

function take(machine: Machine, count: number): Buffer {
  const { bytes, at } = machine
  if (!(count >= 0 && at + count <= bytes.length)) throw new Wrong('it ends too early')
  machine.at += count
  return bytes.subarray(at, at + count)
}

function takeLine(machine: Machine): string {
  const end = machine.bytes.indexOf(0x0a, machine.at)
  if (end < 0) throw new Wrong('it ends too early')
  const line = machine.bytes.toString('utf8', machine.at, end)
  machine.at = end + 1
  return line
}

function pop(machine: Machine): Pickled {
  const floor = machine.marks.at(-1) ?? 0
  const value = machine.stack.length > floor ? machine.stack.pop() : undefined
  if (value === undefined) throw new Wrong('it takes more than it has')
  return value
}

function popToMark({ stack, marks }: Machine): Pickled[] {
  const start = marks.pop()
  if (start === undefined) throw new Wrong('it takes more than it has')
  return stack.splice(start)
}

function top({ stack, marks }: Machine): Pickled {
  const value = stack.length > (marks.at(-1) ?? 0) ? stack.at(-1) : undefined
  if (value === undefined) throw new Wrong('it takes more than it has')
  return value
}

function textOf(value: Pickled): string {
  if (typeof value !== 'string') throw new Wrong('a name is no text')
  return value
}

/** Little-endian, two's complement. */
function toInteger(bytes: Buffer): number | bigint {
  if (bytes.length === 0) return 0
  if (bytes.length > 64) throw new Wrong('a number is too long')
  const unsigned = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  const value = BigInt.asIntN(8 * bytes.length, unsigned)
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

function setItems(machine: Machine, items: readonly Pickled[]): void {
  const target = top(machine)
  if (!(target instanceof Map) || items.length % 2 !== 0)
    throw new Wrong('entries are added to no dictionary')
  for (let index = 0; index < items.length; index += 2)
    target.set(items[index] as Pickled, items[index + 1] as Pickled)
}

function append(machine: Machine, items: readonly Pickled[]): void {
  const target = top(machine)
  if (!Array.isArray(target)) throw new Wrong('entries are added to no list')
  for (const item of items) target.push(item)
}

function callTop(machine: Machine): Pickled {
  const args = pop(machine)
  const called = pop(machine)
  if (!isKind(called, 'allowed') || !called.call || !Array.isArray(args))
    throw new Wrong('it calls what cannot be called')
  return called.call(args, machine)
}

/** State that is put into a dictionary is how PyTorch notes versions of modules; anything else is somebody's own class. */
function buildTop(machine: Machine): void {
  pop(machine)
  if (!(top(machine) instanceof Map)) throw new Wrong('it changes what is no dictionary')
}

/** ('storage', type, key, device, elements[, view]) */
function storageOf(machine: Machine): StorageRef {
  const id = pop(machine)
  if (!Array.isArray(id)) throw new Wrong('it refers to what is no storage')
  const [word, type, key, , elements, view = null] = id
  if (
    word !== 'storage' ||
    !isKind(type, 'allowed') ||
    !type.type ||
    typeof key !== 'string' ||
    !isCount(elements) ||
    view !== null
  )
    throw new Wrong('it refers to what is no storage')
  const storage: StorageRef = { kind: 'storage', type: type.type, key, elements }
  machine.storages.set(key, storage)
  return storage
}

function remember(machine: Machine, index: number): void {
  machine.memo.set(index, top(machine))
}

function recall({ memo }: Machine, index: number): Pickled {
  const value = memo.get(index)
  if (value === undefined) throw new Wrong('it remembers what was never there')
  return value
}

type Push = (machine: Machine) => Pickled
type Act = (machine: Machine) => void

const tupleOf =
  (count: number): Push =>
  (machine) =>
    Array.from({ length: count }, () => pop(machine)).reverse()
const utf8 =
  (lengthOf: (machine: Machine) => number): Push =>
  (machine) =>
    take(machine, lengthOf(machine)).toString('utf8')
const raw =
  (lengthOf: (machine: Machine) => number): Push =>
  (machine) =>
    Uint8Array.from(take(machine, lengthOf(machine)))
const byte = (machine: Machine) => take(machine, 1).readUInt8()
const uint32 = (machine: Machine) => take(machine, 4).readUInt32LE()
const uint64 = (machine: Machine) => Number(take(machine, 8).readBigUInt64LE())

/** Opcodes that put a value on the stack (Python's pickletools lists them). Those that would run or import anything are left out. */
const pushes: ReadonlyMap<number, Push> = new Map<number, Push>([
  [0x4e, () => null], // NONE
  [0x88, () => true], // NEWTRUE
  [0x89, () => false], // NEWFALSE
  [0x4a, (machine) => take(machine, 4).readInt32LE()], // BININT
  [0x4b, byte], // BININT1
  [0x4d, (machine) => take(machine, 2).readUInt16LE()], // BININT2
  [0x8a, (machine) => toInteger(take(machine, byte(machine)))], // LONG1
  [0x8b, (machine) => toInteger(take(machine, uint32(machine)))], // LONG4
  [0x47, (machine) => take(machine, 8).readDoubleBE()], // BINFLOAT
  [0x58, utf8(uint32)], // BINUNICODE
  [0x8c, utf8(byte)], // SHORT_BINUNICODE
  [0x8d, utf8(uint64)], // BINUNICODE8
  [0x54, utf8(uint32)], // BINSTRING
  [0x55, utf8(byte)], // SHORT_BINSTRING
  [0x42, raw(uint32)], // BINBYTES
  [0x43, raw(byte)], // SHORT_BINBYTES
  [0x5d, () => []], // EMPTY_LIST
  [0x7d, () => new Map()], // EMPTY_DICT
  [0x29, () => []], // EMPTY_TUPLE
  [0x85, tupleOf(1)],
  [0x86, tupleOf(2)],
  [0x87, tupleOf(3)],
  [0x74, popToMark], // TUPLE
  [0x6c, popToMark], // LIST
  [0x63, (machine) => allowedOf(takeLine(machine), takeLine(machine), machine.file)], // GLOBAL
  [0x93, stackGlobal], // STACK_GLOBAL
  [0x52, callTop], // REDUCE
  [0x81, callTop], // NEWOBJ
  [0x51, storageOf], // BINPERSID
  [0x68, (machine) => recall(machine, byte(machine))], // BINGET
  [0x6a, (machine) => recall(machine, uint32(machine))], // LONG_BINGET
  [0x32, top], // DUP
])

const acts: ReadonlyMap<number, Act> = new Map<number, Act>([
  [0x80, checkProtocol], // PROTO
  [0x95, (machine) => void take(machine, 8)], // FRAME
  [0x28, ({ stack, marks }) => void marks.push(stack.length)], // MARK
  [0x30, (machine) => void pop(machine)], // POP
  [0x31, (machine) => void popToMark(machine)], // POP_MARK
  [0x61, (machine) => append(machine, [pop(machine)])], // APPEND
  [0x65, (machine) => append(machine, popToMark(machine))], // APPENDS
  [0x73, (machine) => setItems(machine, [pop(machine), pop(machine)].reverse())], // SETITEM
  [0x75, (machine) => setItems(machine, popToMark(machine))], // SETITEMS
  [0x62, buildTop], // BUILD
  [0x71, (machine) => remember(machine, byte(machine))], // BINPUT
  [0x72, (machine) => remember(machine, uint32(machine))], // LONG_BINPUT
  [0x94, (machine) => remember(machine, machine.memo.size)], // MEMOIZE
])

function stackGlobal(machine: Machine): Pickled {
  const name = textOf(pop(machine))
  return allowedOf(textOf(pop(machine)), name, machine.file)
}

function checkProtocol(machine: Machine): void {
  const protocol = byte(machine)
  if (protocol > 5) throw new Wrong(`it is of protocol ${protocol}`)
}

const STOP = 0x2e

/** A value, all storages that the stream names, and where it ends. */
type Read = { value: Pickled; storages: ReadonlyMap<string, StorageRef>; end: number }

/**
 * Reads one pickle stream, which may be hostile, into plain values, and tensors that lie elsewhere. Nothing is imported, called
 * or made beside those: every other opcode and every other name is refused. It takes time and memory in proportion to its length.
 * @param start where in `bytes` it begins
 * @throws Refused `torch-file-damaged`, `torch-file-forbidden`
 */
export function readPickle(bytes: Buffer, start: number, file: string): Read {
  const machine: Machine = {
    bytes,
    at: start,
    stack: [],
    marks: [],
    memo: new Map(),
    entriesLeft: bytes.length,
    storages: new Map(),
    file,
  }
  try {
    for (;;) {
      const opcode = byte(machine)
      if (opcode === STOP) return { value: pop(machine), storages: machine.storages, end: machine.at }
      step(machine, opcode)
    }
  } catch (error) {
    if (error instanceof Wrong) throw damagedTorch(file, error.message)
    throw error
  }
}

function step(machine: Machine, opcode: number): void {
  const push = pushes.get(opcode)
  if (push) return void machine.stack.push(push(machine))
  const act = acts.get(opcode)
  if (!act) throw new Wrong(`its stream holds the instruction ${opcode}, which no file of weights needs`)
  act(machine)
}

/** The refusal for a file that is not what PyTorch writes. */
export function damagedTorch(file: string, why: string): Error {
  return refuse(
    'torch-file-damaged',
    `${file} is no whole file of PyTorch weights: ${why}.`,
    'Get the file again from where it came from, or save it again with torch.save(netG.state_dict(), file).',
  )
}
