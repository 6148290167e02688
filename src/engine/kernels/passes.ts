import { flag, runOpForOne, text, type, wholes } from '../backends/binding.ts'
import type { Attribute } from '../backends/binding.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor2D, Tensor4D } from '../backends/tf.ts'

/** Zeros at the sides as TensorFlow counts them: none, or as many as make the output `ceil(side / stride)` long. */
export type Padding = 'valid' | 'same'

/** From so many pixels of a result on, arranging the kernel for the processor first costs less than it saves. */
const WORTH_ARRANGING = 200

function attributesOf(strides: readonly number[], padding: Padding, layout = 'NHWC'): Attribute[] {
  return [
    type('T', 'float32'),
    wholes('strides', strides),
    text('padding', padding.toUpperCase()),
    text('data_format', layout),
  ]
}

/** Conv2D or one of its gradients. */
function runFlat(op: string, inputs: readonly Tensor[], stride: 1 | 2, padding: Padding): Tensor4D {
  return runOpForOne(op, inputs, attributesOf([1, stride, stride, 1], padding)) as Tensor4D
}

/**
 * TensorFlow's Conv2D takes the kernel of a single picture as it lies in memory, in rows of a power of two, which the
 * processor's caches handle badly: 1.5 to 2.5 times as slow as its own gradients. Conv3D has it arranged first.
 */
export function forward(x: Tensor4D, kernel: Tensor4D, stride: 1 | 2, padding: Padding): Tensor4D {
  const [pictures, height, width] = x.shape
  if (isNarrow(x.shape, kernel.shape, stride, padding)) return forwardNarrow(x, kernel)
  if (pictures > 1 || (height * width) / stride ** 2 < WORTH_ARRANGING)
    return runFlat('Conv2D', [x, kernel], stride, padding)
  const flat = tf.expandDims(x, 1)
  const deep = tf.expandDims(kernel, 0)
  const y = runOpForOne('Conv3D', [flat, deep], attributesOf([1, 1, stride, stride, 1], padding, 'NDHWC'))
  return tf.squeeze(y, [1])
}

export function towardsInput(
  dy: Tensor4D,
  kernel: Tensor4D,
  shape: Tensor4D['shape'],
  stride: 1 | 2,
  padding: Padding,
): Tensor4D {
  if (isNarrow(shape, kernel.shape, stride, padding)) return towardsInputNarrow(dy, kernel, shape)
  return runFlat('Conv2DBackpropInput', [tf.tensor1d(shape, 'int32'), kernel, dy], stride, padding)
}

export function towardsKernel(
  x: Tensor4D,
  dy: Tensor4D,
  shape: Tensor4D['shape'],
  stride: 1 | 2,
  padding: Padding,
): Tensor4D {
  if (isNarrow(x.shape, shape, stride, padding)) return towardsKernelNarrow(x, dy, shape)
  return runFlat('Conv2DBackpropFilter', [x, tf.tensor1d(shape, 'int32'), dy], stride, padding)
}

/** Up to so many pixels of a result, a kernel is read once by a multiplication of matrices, as it lies in memory. */
const NARROW = 64

/**
 * In the innermost layers of a U-Net a few pixels meet kernels of megabytes: arranging those costs far more than computing.
 * Only for kernels of 4 x 4 in steps of 2 over even sides.
 */
function isNarrow(
  [pictures, height, width]: Tensor4D['shape'],
  [size, , inputs, outputs]: Tensor4D['shape'],
  stride: 1 | 2,
  padding: Padding,
): boolean {
  if (size !== 4 || stride !== 2 || padding !== 'same' || height % 2 === 1 || width % 2 === 1) return false
  const pixels = (pictures * height * width) / 4
  return pixels <= NARROW && inputs * outputs >= pixels * (inputs + outputs)
}

/** x [N,2h,2w,in] as what each pixel of the result sees of it: [N h w, 4 4 in]. */
function patchesOf(x: Tensor4D): Tensor2D {
  const attributes = [
    type('T', 'float32'),
    wholes('ksizes', [1, 4, 4, 1]),
    wholes('strides', [1, 2, 2, 1]),
    wholes('rates', [1, 1, 1, 1]),
    text('padding', 'SAME'),
  ]
  const patches = runOpForOne('ExtractImagePatches', [x], attributes)
  return tf.reshape(patches, [-1, 16 * x.shape[3]])
}

/** The sum of what patches [N h w, 4 4 in] hold of each pixel: [N,2h,2w,in]. */
function sumOfPatches(patches: Tensor2D, [pictures, height, width, channels]: Tensor4D['shape']): Tensor4D {
  // Rows and columns of a patch by which of two pairs they are in and where in it.
  const [h, w] = [height / 2, width / 2]
  const parts = tf.reshape(patches, [pictures * h * w, 2, 2, 2, 2, channels])
  const placed = [0, 1].flatMap((y) =>
    [0, 1].map((x) => {
      const part = tf.slice(parts, [0, y, 0, x, 0, 0], [-1, 1, 2, 1, 2, channels])
      const square = tf.depthToSpace(tf.reshape(part, [pictures, h, w, 4 * channels]) as Tensor4D, 2)
      return tf.pad(square, [
        [0, 0],
        [2 * y, 2 - 2 * y],
        [2 * x, 2 - 2 * x],
        [0, 0],
      ])
    }),
  )
  return tf.slice(tf.addN(placed), [0, 1, 1, 0], [pictures, height, width, channels])
}

function matMul(a: Tensor, b: Tensor, transposes: { a?: boolean; b?: boolean } = {}): Tensor2D {
  const attributes = [
    type('T', 'float32'),
    flag('transpose_a', transposes.a ?? false),
    flag('transpose_b', transposes.b ?? false),
  ]
  return runOpForOne('MatMul', [a, b], attributes) as Tensor2D
}

function asMatrix(x: Tensor4D): Tensor2D {
  const columns = x.shape[3]
  return tf.reshape(x, [x.size / columns, columns])
}

function forwardNarrow(x: Tensor4D, kernel: Tensor4D): Tensor4D {
  const [pictures, height, width] = x.shape
  const made = matMul(patchesOf(x), asMatrix(kernel))
  return tf.reshape(made, [pictures, height / 2, width / 2, kernel.shape[3]])
}

function towardsInputNarrow(dy: Tensor4D, kernel: Tensor4D, shape: Tensor4D['shape']): Tensor4D {
  return sumOfPatches(matMul(asMatrix(dy), asMatrix(kernel), { b: true }), shape)
}

function towardsKernelNarrow(x: Tensor4D, dy: Tensor4D, shape: Tensor4D['shape']): Tensor4D {
  return tf.reshape(matMul(patchesOf(x), asMatrix(dy), { a: true }), shape)
}
