import { createHandle, destroyHandle, isNative, runOp, runOpForOne, type } from './binding.ts'
import type { ResourceHandle } from './binding.ts'
import { tf } from './tf.ts'
import type { Tensor } from './tf.ts'

/** Float32 memory that outlives scopes: a weight, a moment, a running mean. */
export type Variable = {
  readonly shape: readonly number[]
  /** On TensorFlow: what ops that update in place work on. */
  readonly handle: ResourceHandle | undefined
  /** The value as a tensor of the current scope. Later updates do not show in it. */
  read(): Tensor
  assign(value: Tensor): void
  /** A copy of the value. */
  toArray(): Float32Array
  dispose(): void
}

export function createVariable(shape: readonly number[], values: Float32Array): Variable {
  const variable = isNative('variables') ? resourceVariable(shape) : heldVariable(shape)
  tf.tidy(() => variable.assign(tf.tensor(values, [...shape], 'float32')))
  return variable
}

function resourceVariable(shape: readonly number[]): Variable {
  const handle = createHandle(shape)
  const read = (): Tensor => runOpForOne('ReadVariableOp', [handle], [type('dtype', 'float32')])
  return {
    shape,
    handle,
    read,
    assign(value) {
      runOp('AssignVariableOp', [handle, value], [type('dtype', 'float32')], 0)
    },
    toArray: () => toArray(read()),
    dispose: () => destroyHandle(handle),
  }
}

function heldVariable(shape: readonly number[]): Variable {
  // A variable of tfjs, not a kept tensor: what is assigned to it stays off the gradient tape, so that a network
  // does not learn through the update of another.
  const held = tf.tidy(() => tf.variable(tf.zeros([...shape]), false))
  const read = (): Tensor => tf.clone(held)
  return {
    shape,
    handle: undefined,
    read,
    assign: (value) => {
      held.assign(value)
    },
    toArray: () => toArray(read()),
    dispose: () => {
      held.dispose()
    },
  }
}

/** Reads a tensor into fresh memory and frees it. */
function toArray(tensor: Tensor): Float32Array {
  const values = Float32Array.from(tensor.dataSync())
  tensor.dispose()
  return values
}
