import { tf } from '../backends/tf.ts'
import type { Tensor } from '../backends/tf.ts'

export type Gradient = (dy: Tensor, saved: readonly Tensor[]) => Tensor[]

/**
 * An operation with a gradient of its own. `forward` runs off the tape and names the tensors that `gradient` will
 * need; `gradient` gives one tensor for each input.
 */
export function differentiable<T extends Tensor>(
  inputs: readonly Tensor[],
  forward: () => { value: T; saved: readonly Tensor[] },
  gradient: Gradient,
): T {
  const op = tf.customGrad<T>((...args) => {
    const save = args[inputs.length]
    const { value, saved } = forward()
    if (typeof save === 'function') save([...saved])
    return { value, gradFunc: (dy: T, kept: Tensor[]) => gradient(dy, kept) }
  })
  return op(...inputs)
}

/** x, of which `other` is a cause without effect: its gradient is 0. */
export function withoutEffect<T extends Tensor>(x: T, other: Tensor): T {
  return differentiable(
    [x, other],
    () => ({ value: x.clone(), saved: [] }),
    (dy) => [dy.clone(), tf.zeros(other.shape)],
  )
}

/** Computes what nobody learns through: the gradient ends here. */
export function untaped<T extends Tensor>(compute: () => T): T {
  return differentiable(
    [],
    () => ({ value: compute(), saved: [] }),
    () => [],
  )
}
