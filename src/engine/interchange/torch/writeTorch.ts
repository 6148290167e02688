import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** One tensor as PyTorch will have it: float32, row by row, or a single whole number (`int64`). */
export type TorchEntry = { name: string; shape: readonly number[]; data: Float32Array | BigInt64Array }

const ROOT = 'diptych'
/** The same for every file, so that equal weights give equal bytes. */
const MTIME = new Date(1980, 0, 1)

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8')
  const head = Buffer.alloc(5, 'X') // BINUNICODE
  head.writeUInt32LE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
const whole = (value: number): Buffer => {
  const bytes = Buffer.alloc(5, 'J') // BININT
  bytes.writeInt32LE(value, 1)
  return bytes
}
const ascii = (value: string): Buffer => Buffer.from(value, 'latin1')
const tuple = (...parts: readonly Buffer[]): Buffer => Buffer.concat([ascii('('), ...parts, ascii('t')])
const named = (module: string, name: string): Buffer => ascii(`c${module}\n${name}\n`)
const emptyDictionary = Buffer.concat([named('collections', 'OrderedDict'), ascii(')R')])

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1))
}

/** torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()) */
function pickledTensor({ shape, data }: TorchEntry, key: string): Buffer {
  const type = data instanceof Float32Array ? 'FloatStorage' : 'LongStorage'
  const storage = [text('storage'), named('torch', type), text(key), text('cpu'), whole(data.length)]
  return Buffer.concat([
    named('torch._utils', '_rebuild_tensor_v2'),
    tuple(
      Buffer.concat([tuple(...storage), ascii('Q')]), // BINPERSID
      whole(0),
      tuple(...shape.map(whole)),
      tuple(...stridesOf(shape).map(whole)),
      Buffer.from([0x89]), // NEWFALSE
      emptyDictionary,
    ),
    ascii('R'),
  ])
}

/** A state_dict in pickle's protocol 2. */
function pickledDictionary(entries: readonly TorchEntry[]): Buffer {
  const items = entries.map((entry, index) =>
    Buffer.concat([text(entry.name), pickledTensor(entry, String(index))]),
  )
  return Buffer.concat([
    Buffer.from([0x80, 2]), // PROTO
    emptyDictionary,
    ascii('('),
    ...items,
    ascii('u.'), // SETITEMS, STOP
  ])
}

/** Writes a state_dict as `torch.save` does since PyTorch 1.6; `torch.load(path, weights_only=True)` reads it. Not atomic by itself. */
export async function writeTorchFile(path: string, entries: readonly TorchEntry[]): Promise<void> {
  const zip = new ZipFile()
  const add = (name: string, bytes: Buffer) =>
    zip.addBuffer(bytes, `${ROOT}/${name}`, { compress: false, mtime: MTIME, forceDosTimestamp: true })
  add('data.pkl', pickledDictionary(entries))
  add('byteorder', ascii('little'))
  for (const [index, { data }] of entries.entries())
    add(`data/${index}`, Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  add('version', ascii('3\n'))
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx', flush: true }))
}
