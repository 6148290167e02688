import { isNative, runOpForOne, type, whole } from '../backends/binding.ts'
import { inFloat32 } from '../backends/precision.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import { addBias, biasGradient } from './activations.ts'
import { convolve, convolveTransposed } from './convolve.ts'
import { differentiable } from './differentiable.ts'
import { forward, towardsKernel } from './passes.ts'
import { mirror, mirrorGradient, reflectionPad } from './reflectionPad.ts'
import { thinGradients } from './thin.ts'

// The last layers of generators. Their sums are float32 in every precision: bfloat16 has 8 bits, and a picture of 16 bits needs more.

/** Our own kernels give at most so many channels (THIN_OUTPUTS in scripts/setup/addon/rows.h). */
const MOST_OUTPUTS = 4

const FLOAT = type('T', 'float32')

/** x [N,H,W,in] mirrored by `padding` pixels at every side, convolved with a kernel [k,k,in,out], plus a bias [out]. */
export function mirroredConv(x: Tensor4D, kernel: Tensor4D, bias: Tensor, padding: number): Tensor4D {
  if (kernel.shape[3] > MOST_OUTPUTS || !isNative('ownThin'))
    return inFloat32(() => addBias(convolve(reflectionPad(x, padding), kernel, 1, 'valid'), bias))
  const options = [FLOAT, whole('padding', padding)]
  const value = () => runOpForOne('DiptychThinConv', [x, kernel, bias], options) as Tensor4D
  return differentiable(
    [x, kernel, bias],
    () => ({ value: value(), saved: [x, kernel] }),
    (dy, [input, filter]) => {
      const padded = mirror(input as Tensor4D, padding)
      const [dx, dKernel] = thinGradients(dy as Tensor4D, padded, filter as Tensor4D)
      return [mirrorGradient(dx, padding), dKernel, biasGradient(dy)]
    },
  )
}

/** x [N,H,W,in] to [N,2H,2W,out], transposed from a convolution of stride 2 and padding 1 by a kernel [4,4,out,in]; plus a bias [out]. */
export function doubledConv(x: Tensor4D, kernel: Tensor4D, bias: Tensor): Tensor4D {
  const [pictures, height, width] = x.shape
  const outputs = kernel.shape[2]
  if (outputs > MOST_OUTPUTS || !isNative('ownThin')) {
    const shape: Tensor4D['shape'] = [pictures, 2 * height, 2 * width, outputs]
    return inFloat32(() => addBias(convolveTransposed(x, kernel, shape, 2, 'same'), bias))
  }
  const value = () => runOpForOne('DiptychThinConvTransposed', [x, kernel, bias], [FLOAT]) as Tensor4D
  return differentiable(
    [x, kernel, bias],
    () => ({ value: value(), saved: [x, kernel] }),
    (dy, [input, filter]) => [
      forward(dy as Tensor4D, filter as Tensor4D, 2, 'same'),
      towardsKernel(dy as Tensor4D, input as Tensor4D, kernel.shape, 2, 'same'),
      biasGradient(dy),
    ],
  )
}
