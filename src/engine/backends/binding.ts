import type { Samples } from '../imaging/picture.ts'
import { tf } from './tf.ts'
import type { Tensor } from './tf.ts'

type AttributeValue = boolean | number | string | readonly number[]
export type NativeAttribute = { name: string; type: number; value: AttributeValue }
export type NativeTensor = { id: number; shape: number[]; dtype: number }

/** The addon as we use it: any TensorFlow op by its name, on tensors known by number. */
export type Binding = Numbers & {
  executeOp(op: string, attributes: NativeAttribute[], inputIds: number[], outputs: number): NativeTensor[]
  createTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): number
  tensorDataSync(id: number): ArrayLike<number>
  deleteTensor(id: number): void
  isUsingGpuDevice(): boolean
  /** Only in an addon of ours. */
  hasOwnKernels?(): boolean
  /** Only while a step is recorded: what starts from fed tensors from now on waits for these. */
  waitFor?(ids: number[]): void
  TF_Version: string
} & RecordedCalls &
  SampleCalls

/** What set-up adds to the addon (scripts/setup/addon/recorded_functions.h). */
type RecordedCalls = {
  /** Makes a graph a function. @throws Error of TensorFlow */
  addFunction(name: string, graph: Uint8Array, inputs: string[], outputs: string[], controls: string[]): void
  removeFunction(name: string): void
  /** Runs it on another thread. */
  callFunction(name: string, inputIds: number[], config: Uint8Array, outputs: number): Promise<NativeTensor[]>
  describeTensor(id: number): { shape: number[]; dtype: number }
}

/** What set-up adds for translating (scripts/setup/addon/samples.h). */
type SampleCalls = {
  readTile(samples: Samples, sides: number[], low: number, factor: number, tile: Float32Array): void
  blendTile(
    id: number,
    shareX: Float32Array,
    shareY: Float32Array,
    sides: number[],
    band: Float32Array,
  ): boolean
  roundSamples(values: Float32Array, low: number, factor: number, samples: Samples, at: number): void
}

/** The addon's numbers for types and kinds of attributes. */
export type Numbers = {
  TF_FLOAT: number
  TF_INT32: number
  TF_BOOL: number
  TF_ATTR_STRING: number
  TF_ATTR_INT: number
  TF_ATTR_FLOAT: number
  TF_ATTR_BOOL: number
  TF_ATTR_TYPE: number
  TF_ATTR_SHAPE: number
}

type NativeBackend = {
  binding: Binding
  getInputTensorIds(tensors: Tensor[]): number[]
  createOutputTensor(tensor: NativeTensor): Tensor
}

/** One attribute of a TensorFlow op, not yet in the addon's terms. */
export type Attribute = {
  name: string
  kind: 'text' | 'real' | 'whole' | 'flag' | 'type' | 'shape'
  value: AttributeValue
}

export const text = (name: string, value: string): Attribute => ({ name, kind: 'text', value })
export const real = (name: string, value: number): Attribute => ({ name, kind: 'real', value })
export const whole = (name: string, value: number): Attribute => ({ name, kind: 'whole', value })
export const wholes = (name: string, value: readonly number[]): Attribute => ({ name, kind: 'whole', value })
export const flag = (name: string, value: boolean): Attribute => ({ name, kind: 'flag', value })
export const shape = (name: string, value: readonly number[]): Attribute => ({ name, kind: 'shape', value })
export const type = (name: string, value: 'float32' | 'int32'): Attribute => ({ name, kind: 'type', value })

/** A TensorFlow variable: memory that ops such as `ResourceApplyAdam` change in place. Not a tensor of tfjs. */
export type ResourceHandle = { readonly id: number }

/** What our addon brings along (scripts/setup/addon/own_ops.h, samples.h). */
export const ownKernels = [
  'ownActivations',
  'ownEdges',
  'ownNorm',
  'ownSamples',
  'ownSums',
  'ownThin',
] as const

/** What runs TensorFlow's ops by name, and composes itself from ops that every backend has where it may not. */
export const kernels = [
  'activations',
  'antialias',
  'convolution',
  'dropout',
  'gather',
  'normalise',
  'pixelShuffle',
  'reflectionPad',
  'variables',
  ...ownKernels,
] as const
export type Kernel = (typeof kernels)[number]

let wantedKernels: ReadonlySet<Kernel> = new Set(kernels)

/** Switches all kernels but these off, so that what each saves can be measured. Variables that were made before are of no use then. */
export function setKernels(wanted: readonly Kernel[]): void {
  wantedKernels = new Set(wanted)
}

const ours: ReadonlySet<Kernel> = new Set(ownKernels)
/** What goes by how processors read memory; graphics cards have convolutions of their own for every shape. */
const forProcessors: ReadonlySet<Kernel> = new Set(['convolution', ...ours])

let plainDepth = 0

/**
 * What is computed in here is made of tfjs's own ops, whose gradients have gradients in turn: a kernel of ours has one gradient, and
 * what that is made of has none. For losses that hold a gradient (WGAN-GP, R1).
 */
export function twiceDifferentiable<T>(compute: () => T): T {
  plainDepth += 1
  try {
    return compute()
  } finally {
    plainDepth -= 1
  }
}

/** Whether this very moment is inside `twiceDifferentiable`. */
export function isTwiceDifferentiable(): boolean {
  return plainDepth > 0
}

/** Whether a kernel may run TensorFlow's ops by name here. */
export function isNative(kernel: Kernel): boolean {
  if (plainDepth > 0 && kernel !== 'variables') return false
  if (!wantedKernels.has(kernel) || tf.getBackend() !== 'tensorflow') return false
  if (!forProcessors.has(kernel)) return true
  const addon = binding()
  return !addon.isUsingGpuDevice() && (!ours.has(kernel) || addon.hasOwnKernels?.() === true)
}

export function nativeBackend(): NativeBackend {
  if (tf.getBackend() !== 'tensorflow')
    throw new Error(`TensorFlow ops cannot run on the backend '${tf.getBackend()}'.`)
  return tf.backend() as unknown as NativeBackend
}

/** The native addon. Read anew each time, so that a recorder may stand in for it. */
export function binding(): Binding {
  return nativeBackend().binding
}

function toNative(attribute: Attribute): NativeAttribute {
  const {
    TF_ATTR_STRING,
    TF_ATTR_FLOAT,
    TF_ATTR_INT,
    TF_ATTR_BOOL,
    TF_ATTR_TYPE,
    TF_ATTR_SHAPE,
    TF_FLOAT,
    TF_INT32,
  } = binding()
  const kinds = {
    text: TF_ATTR_STRING,
    real: TF_ATTR_FLOAT,
    whole: TF_ATTR_INT,
    flag: TF_ATTR_BOOL,
    type: TF_ATTR_TYPE,
    shape: TF_ATTR_SHAPE,
  }
  const value =
    attribute.kind === 'type' ? (attribute.value === 'float32' ? TF_FLOAT : TF_INT32) : attribute.value
  return { name: attribute.name, type: kinds[attribute.kind], value }
}

function execute(
  op: string,
  inputs: readonly (Tensor | ResourceHandle)[],
  attributes: readonly Attribute[],
  outputs: number,
): NativeTensor[] {
  const native = nativeBackend()
  const ids = inputs.flatMap((input) =>
    'dataId' in input ? native.getInputTensorIds([input]) : [(input as ResourceHandle).id],
  )
  try {
    return native.binding.executeOp(op, attributes.map(toNative), ids, outputs)
  } catch (error) {
    throw new Error(`TensorFlow op ${op} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** Runs one TensorFlow op. The outputs belong to the current scope and are not on the gradient tape. */
export function runOp(
  op: string,
  inputs: readonly (Tensor | ResourceHandle)[],
  attributes: readonly Attribute[],
  outputs = 1,
): Tensor[] {
  return execute(op, inputs, attributes, outputs).map((output) => nativeBackend().createOutputTensor(output))
}

/** Runs an op that has one output. */
export function runOpForOne(
  op: string,
  inputs: readonly (Tensor | ResourceHandle)[],
  attributes: readonly Attribute[],
): Tensor {
  const [output] = runOp(op, inputs, attributes)
  if (!output) throw new Error(`TensorFlow op ${op} gave no output.`)
  return output
}

let handlesMade = 0

/** A new float32 variable without a value. It is destroyed with `destroyHandle`, never by a scope. */
export function createHandle(dimensions: readonly number[]): ResourceHandle {
  handlesMade += 1
  const attributes = [
    text('container', ''),
    text('shared_name', `variable-${handlesMade}`),
    type('dtype', 'float32'),
    shape('shape', dimensions),
  ]
  const [handle] = execute('VarHandleOp', [], attributes, 1)
  if (!handle) throw new Error('TensorFlow op VarHandleOp gave no handle.')
  return { id: handle.id }
}

/** Frees a variable and its memory. */
export function destroyHandle(handle: ResourceHandle): void {
  runOp('DestroyResourceOp', [handle], [flag('ignore_lookup_error', true)], 0)
  binding().deleteTensor(handle.id)
}
