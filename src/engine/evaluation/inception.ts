import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor4D } from '../backends/tf.ts'
import { addBias } from '../kernels/activations.ts'
import type { Weights } from '../nn/network.ts'

/** Side of the pictures that Inception takes, in px. */
export const INCEPTION_SIDE_PX = 299

/** Runs a convolution by its name: at stride 1 sides are kept, at stride 2 nothing is padded. */
type Convolve = (x: Tensor4D, name: string, stride?: 1 | 2, padding?: 'same' | 'valid') => Tensor4D

/**
 * Inception-v3 as the Frechet inception distance uses it (Heusel et al. 2017), up to its 2048 pooled features:
 * [N,299,299,3], samples (v - 128) / 128 for v from 0 to 255, to [N,2048]. Averages near the edge count only what lies
 * inside, and the last block pools by the largest: so it was in the network of 2015 that published figures rest on.
 */
export function inceptionFeatures(x: Tensor4D, weights: Weights): Tensor {
  const convolve: Convolve = (input, name, stride = 1, padding = stride === 1 ? 'same' : 'valid') => {
    const kernel = weights(`${name}.weight`) as Tensor4D
    return addBias(tf.conv2d(input, kernel, stride, padding), weights(`${name}.bias`), 0)
  }
  let y = stemOf(x, convolve)
  for (const block of ['Mixed_5b', 'Mixed_5c', 'Mixed_5d']) y = blockA(y, block, convolve)
  y = blockB(y, 'Mixed_6a', convolve)
  for (const block of ['Mixed_6b', 'Mixed_6c', 'Mixed_6d', 'Mixed_6e']) y = blockC(y, block, convolve)
  y = blockD(y, 'Mixed_7a', convolve)
  y = blockE(y, 'Mixed_7b', convolve, average)
  y = blockE(y, 'Mixed_7c', convolve, (input) => tf.maxPool(input, 3, 1, 'same'))
  return tf.mean(y, [1, 2])
}

/** TensorFlow divides by the pixels that lie inside. */
const average = (x: Tensor4D): Tensor4D => tf.avgPool(x, 3, 1, 'same')
const halve = (x: Tensor4D): Tensor4D => tf.maxPool(x, 3, 2, 'valid')
const beside = (parts: Tensor4D[]): Tensor4D => tf.concat(parts, 3)

function stemOf(x: Tensor4D, convolve: Convolve): Tensor4D {
  const wide = convolve(convolve(x, 'Conv2d_1a_3x3', 2), 'Conv2d_2a_3x3', 1, 'valid')
  const small = halve(convolve(wide, 'Conv2d_2b_3x3'))
  return halve(convolve(convolve(small, 'Conv2d_3b_1x1'), 'Conv2d_4a_3x3', 1, 'valid'))
}

function blockA(x: Tensor4D, block: string, convolve: Convolve): Tensor4D {
  const run = (steps: string[], from = x) => steps.reduce((y, step) => convolve(y, `${block}.${step}`), from)
  return beside([
    run(['branch1x1']),
    run(['branch5x5_1', 'branch5x5_2']),
    run(['branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3']),
    run(['branch_pool'], average(x)),
  ])
}

function blockB(x: Tensor4D, block: string, convolve: Convolve): Tensor4D {
  const narrow = convolve(convolve(x, `${block}.branch3x3dbl_1`), `${block}.branch3x3dbl_2`)
  return beside([
    convolve(x, `${block}.branch3x3`, 2),
    convolve(narrow, `${block}.branch3x3dbl_3`, 2),
    halve(x),
  ])
}

function blockC(x: Tensor4D, block: string, convolve: Convolve): Tensor4D {
  const run = (steps: string[], from = x) => steps.reduce((y, step) => convolve(y, `${block}.${step}`), from)
  const double = [1, 2, 3, 4, 5].map((step) => `branch7x7dbl_${step}`)
  return beside([
    run(['branch1x1']),
    run(['branch7x7_1', 'branch7x7_2', 'branch7x7_3']),
    run(double),
    run(['branch_pool'], average(x)),
  ])
}

function blockD(x: Tensor4D, block: string, convolve: Convolve): Tensor4D {
  const long = ['branch7x7x3_1', 'branch7x7x3_2', 'branch7x7x3_3'].reduce(
    (y, step) => convolve(y, `${block}.${step}`),
    x,
  )
  return beside([
    convolve(convolve(x, `${block}.branch3x3_1`), `${block}.branch3x3_2`, 2),
    convolve(long, `${block}.branch7x7x3_4`, 2),
    halve(x),
  ])
}

function blockE(x: Tensor4D, block: string, convolve: Convolve, pool: (x: Tensor4D) => Tensor4D): Tensor4D {
  const run = (from: Tensor4D, step: string) => convolve(from, `${block}.${step}`)
  const single = run(x, 'branch3x3_1')
  const double = run(run(x, 'branch3x3dbl_1'), 'branch3x3dbl_2')
  return beside([
    run(x, 'branch1x1'),
    run(single, 'branch3x3_2a'),
    run(single, 'branch3x3_2b'),
    run(double, 'branch3x3dbl_3a'),
    run(double, 'branch3x3dbl_3b'),
    run(pool(x), 'branch_pool'),
  ])
}
