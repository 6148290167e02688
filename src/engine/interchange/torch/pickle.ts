import { refuse } from '../../../core/errors.ts'
import { allowedOf, isCount, isKind, Wrong, type Pickled, type StorageRef } from './pickled.ts'

/** A list of names makes some forty values for each tensor; each takes many times the byte that may ask for it. */
const MAX_VALUES = 1_000_000

type Machine = {
  bytes: Buffer
  at: number
  stack: Pickled[]
  /** Heights of the stack at which marks were set. */
  marks: number[]
  memo: Map<number, Pickled>
  entriesLeft: number
  valuesLeft: number
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
  [0x63, (machine) => allowedOf(takeLine(machine), takeLine(machine), machine)], // GLOBAL
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
  return allowedOf(textOf(pop(machine)), name, machine)
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
    valuesLeft: MAX_VALUES,
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
  if (push) {
    machine.valuesLeft -= 1
    if (machine.valuesLeft < 0) throw new Wrong('it holds too many values')
    return void machine.stack.push(push(machine))
  }
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
