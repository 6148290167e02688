import { create, toBinary } from '@bufbuild/protobuf'
import { isNative } from '../binding.ts'
import type { Binding, NativeAttribute, NativeTensor } from '../binding.ts'
import { halfOf, TF_BFLOAT16 } from '../halves.ts'
import { isFloat32Only, precisionHere } from '../precision.ts'
import { fromNative, toAttribute, toShape } from './attributes.ts'
import { originHere } from './origin.ts'
import { createOrder } from './order.ts'
import { joinSums, nodeOf, sizeAttribute, SUM } from './sums.ts'
import { GraphDefSchema, NodeDefSchema, TensorProtoSchema } from './tensorflow_pb.ts'
import type { AttrValue, NodeDef } from './tensorflow_pb.ts'

/** What a graph computes and from what, in the terms of the addon. */
export type Recording = {
  /** A serialized GraphDef. */
  graph: Uint8Array
  /** Places of the fed tensors, in their order, then of the captured ones. */
  inputs: string[]
  outputs: string[]
  /** Nodes that must run all the same where nothing depends on them, since they change variables; and those to leave as they are. */
  controls: string[]
  /** Tensors and variables that were there before, by number. */
  captured: number[]
  /** Whether it changes variables. */
  isLearning: boolean
  /** Which line of Diptych each node comes from. */
  origins: ReadonlyMap<string, string>
}

/** A version of TensorFlow's graphs that reads them as we write them. */
const PRODUCER = 1882

/** TensorFlow's number for handles of variables, which the addon does not name. */
const TF_RESOURCE = 20

/** What tfjs adds up by. */
const SUMS = new Set(['Add', 'AddV2', 'AddN'])
const WORTH_SUMMING = 4096

/** Ops of tfjs that leave a type out, which a graph must tell: it is that of the first input. */
const leavesOut = new Map([['ExpandDims', 'T']])

/**
 * Writes down what `body` computes from the fed tensors, known by number. It runs for its shapes alone: variables are read,
 * and none is changed.
 * @param body runs its ops on the binding that it is given, and returns the numbers of its results
 * @throws Error where `body` reads a value, which a recording would freeze
 */
export function record(real: Binding, fed: readonly number[], body: (stand: Binding) => number[]): Recording {
  const recorder = new Recorder(real)
  for (const id of fed) recorder.enter(id)
  const results = body(recorder.standIn())
  return recorder.finish(fed.length, results)
}

class Recorder {
  readonly #real: Binding
  readonly #nodes: NodeDef[] = []
  /** Of every tensor: "node:output", and its type. */
  readonly #places = new Map<number, string>()
  readonly #types = new Map<number, number>()
  readonly #entered: number[] = []
  readonly #controls: string[] = []
  readonly #origins = new Map<string, string>()
  readonly #order = createOrder()
  #isLearning = false
  /** Nodes that must have run before anything starts from what is fed. */
  #waited: string[] = []

  constructor(real: Binding) {
    this.#real = real
  }

  /** Makes a tensor that was there before an input; in bfloat16 the one that is held in 16 bits, where there is one. */
  enter(id: number): string {
    const half = precisionHere() === 'bfloat16' ? halfOf(id) : undefined
    return half === undefined ? this.#enterAsItIs(id) : this.#enterHalf(id, half)
  }

  #enterAsItIs(id: number): string {
    const { dtype, shape } = this.#real.describeTensor(id)
    const isVariable = dtype === TF_RESOURCE
    const node = this.#add('Placeholder', {
      dtype: typeAttribute(dtype),
      // A handle's own shape says nothing.
      ...(!isVariable && { shape: toAttribute({ case: 'shape', value: toShape(shape) }) }),
    })
    if (isVariable) this.#order.know(id)
    this.#entered.push(id)
    return this.#place(id, dtype, `${node.name}:0`)
  }

  /** Those who compute in 16 bits read it as it is: TensorFlow takes the cast out before them. */
  #enterHalf(id: number, half: number): string {
    const input = this.#enterAsItIs(half)
    const node = this.#add('Cast', {
      SrcT: typeAttribute(TF_BFLOAT16),
      DstT: typeAttribute(this.#real.TF_FLOAT),
    })
    node.input = [input]
    return this.#place(id, this.#real.TF_FLOAT, `${node.name}:0`)
  }

  /** The addon as far as ops can tell. Its properties are fixed, so those that differ are defined anew. */
  standIn(): Binding {
    const instead: Pick<Binding, 'executeOp' | 'createTensor' | 'tensorDataSync' | 'waitFor'> = {
      executeOp: (...args) => this.#executeOp(...args),
      createTensor: (...args) => this.#createTensor(...args),
      waitFor: (ids) => {
        this.#waited = ids.map((id) => nodeOf(this.#placeOf(id)))
      },
      tensorDataSync() {
        throw new Error('A step that is recorded must not read values: they would be frozen.')
      },
    }
    return Object.create(this.#real, Object.fromEntries(Object.entries(instead).map(toProperty))) as Binding
  }

  finish(fed: number, results: readonly number[]): Recording {
    const outputs = results.map((id) => this.#placeOf(id))
    const node = joinSums(this.#nodes, new Set([...this.#controls, ...outputs.map(nodeOf)]))
    const graph = create(GraphDefSchema, { node, versions: { producer: PRODUCER } })
    return {
      graph: toBinary(GraphDefSchema, graph),
      inputs: this.#entered.map((id) => this.#placeOf(id)),
      outputs,
      controls: this.#controls,
      captured: this.#entered.slice(fed),
      isLearning: this.#isLearning,
      origins: this.#origins,
    }
  }

  #executeOp(op: string, attributes: NativeAttribute[], ids: number[], outputs: number): NativeTensor[] {
    // Before the op itself: what was there before has to enter.
    const input = ids.map((id) => this.#placeOf(id))
    const isSum = this.#isSum(op, ids)
    const node = this.#add(isSum ? SUM : op, this.#attributesOf(op, attributes, ids))
    if (isSum) node.attr.N = sizeAttribute(ids.length)
    const earlier = new Set([
      ...this.#order.before(op, ids, node.name),
      ...(input.some((place) => place.startsWith('Placeholder')) ? this.#waited : []),
    ])
    node.input = [...input, ...[...earlier].map((one) => `^${one}`)]
    if (outputs === 0) {
      // What changes a variable is written down, not done.
      this.#controls.push(node.name)
      this.#isLearning = true
      return []
    }
    // TensorFlow rewrites no node that must run whatever happens.
    if (isFloat32Only()) this.#controls.push(node.name)
    const made = this.#real.executeOp(op, attributes, ids, outputs)
    for (const [index, { id, dtype }] of made.entries()) this.#place(id, dtype, `${node.name}:${index}`)
    return made
  }

  /** Sums of whole tensors are ours to add up; those of a few numbers are not worth it. */
  #isSum(op: string, ids: readonly number[]): boolean {
    if (!SUMS.has(op) || !isNative('ownSums')) return false
    const tensors = ids.map((id) => this.#real.describeTensor(id))
    const sides = tensors[0]?.shape ?? []
    return (
      sides.reduce((product, side) => product * side, 1) >= WORTH_SUMMING &&
      tensors.every(({ shape, dtype }) => dtype === this.#real.TF_FLOAT && String(shape) === String(sides))
    )
  }

  #createTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): number {
    const id = this.#real.createTensor(shape, dtype, values)
    const tensorContent = bytesOf(dtype, values, this.#real)
    const tensor = create(TensorProtoSchema, { dtype, tensorShape: toShape(shape), tensorContent })
    const value = toAttribute({ case: 'tensor', value: tensor })
    const node = this.#add('Const', { dtype: typeAttribute(dtype), value })
    this.#place(id, dtype, `${node.name}:0`)
    return id
  }

  #add(op: string, attr: Record<string, AttrValue>): NodeDef {
    const node = create(NodeDefSchema, { name: `${op}_${this.#nodes.length}`, op, attr })
    this.#nodes.push(node)
    this.#origins.set(node.name, originHere())
    return node
  }

  #attributesOf(op: string, attributes: readonly NativeAttribute[], ids: readonly number[]) {
    const told = Object.fromEntries(attributes.map((one) => [one.name, fromNative(one, this.#real)]))
    const missing = leavesOut.get(op)
    const type = this.#types.get(ids[0] ?? -1)
    return missing === undefined || type === undefined ? told : { [missing]: typeAttribute(type), ...told }
  }

  #place(id: number, dtype: number, place: string): string {
    this.#places.set(id, place)
    this.#types.set(id, dtype)
    return place
  }

  #placeOf(id: number): string {
    return this.#places.get(id) ?? this.enter(id)
  }
}

function typeAttribute(dtype: number): AttrValue {
  return toAttribute({ case: 'type', value: dtype })
}

function toProperty([name, value]: [string, unknown]): [string, PropertyDescriptor] {
  return [name, { value }]
}

function bytesOf(dtype: number, values: ArrayLike<number>, real: Binding): Uint8Array {
  if (dtype === real.TF_FLOAT) return new Uint8Array(Float32Array.from(values).buffer)
  if (dtype === real.TF_INT32) return new Uint8Array(Int32Array.from(values).buffer)
  if (dtype === real.TF_BOOL) return Uint8Array.from(values)
  throw new Error(`A constant of type ${dtype} cannot be recorded.`)
}
