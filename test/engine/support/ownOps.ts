// Prints what our own kernels give on so many threads, as a hash: ownOps.ts THREADS
import { createHash } from 'node:crypto'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { tf, type Tensor, type Tensor4D } from '../../../src/engine/backends/tf.ts'
import { addBias } from '../../../src/engine/kernels/activations.ts'
import { frame } from '../../../src/engine/kernels/frame.ts'
import { doubledConv, mirroredConv } from '../../../src/engine/kernels/lastLayer.ts'
import { createRecorded } from '../../../src/engine/backends/recorded.ts'
import { batchNorm, instanceNorm } from '../../../src/engine/kernels/normalise.ts'
import { reflectionPad } from '../../../src/engine/kernels/reflectionPad.ts'
import { normal } from './numbers.ts'

await openBackend({ threads: Number(process.argv[2]) })
const x = normal([2, 45, 61, 17], 1) as Tensor4D
const [scale, offset] = [normal([17], 2), normal([17], 3)]
const alone: Record<string, (given: Tensor4D) => Tensor> = {
  batchNorm: (given) => batchNorm(given, scale, offset, 0.2).y,
  instanceNorm: (given) => instanceNorm(given, 0, given),
  reflectionPad: (given) => reflectionPad(given, 3),
  frame: (given) => frame(given, { top: 1, left: -2, bottom: 3, right: 0 }),
  activation: (given) => addBias(given, offset, 0.2),
  // Their gradients are TensorFlow's.
  mirrored: (given) => mirroredConv(given, normal([7, 7, 17, 3], 4) as Tensor4D, normal([3], 5), 3),
  doubled: (given) => doubledConv(given, normal([4, 4, 3, 17], 6) as Tensor4D, normal([3], 7)),
}
const withGradient = ['batchNorm', 'instanceNorm', 'reflectionPad', 'frame', 'activation']
for (const [name, f] of Object.entries(alone)) {
  const made = [f(x)]
  if (withGradient.includes(name))
    made.push(tf.grad((given: Tensor) => f(given as Tensor4D))(x, normal(f(x).shape, 8)))
  const hash = createHash('sha256')
  for (const tensor of made) hash.update(Buffer.from(tensor.dataSync().buffer))
  process.stdout.write(`${name} ${hash.digest('hex')}\n`)
}
// Only a recording adds up by ours.
const sum = createRecorded(({ a, b }: { a: Tensor; b: Tensor }) => ({ y: tf.add(tf.add(a, b), a) }))
const { y } = await sum.call(() => ({ a: x.clone(), b: normal(x.shape, 9) }))
process.stdout.write(
  `sum ${createHash('sha256')
    .update(Buffer.from((y as Tensor).dataSync().buffer))
    .digest('hex')}\n`,
)
