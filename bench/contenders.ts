import type { Precision } from '../src/core/training/precision.ts'
import { kernels, ownKernels } from '../src/engine/backends/binding.ts'
import type { OurContender } from './ours.ts'
import type { Row } from './rows.ts'

/** Who is compared in a row, by the name under which it is printed. */
export type Contender = { precision: Precision } & (
  | { side: 'ours'; how: OurContender }
  | { side: 'theirs'; engine: 'torch-contiguous' | 'torch-channels_last' | 'onnxruntime' | 'openvino' }
)

function ours(precision: Precision, how: Partial<OurContender> = {}): Contender {
  return {
    side: 'ours',
    precision,
    how: { precision, isRecorded: true, kernels, hasMemorySettings: true, ...how },
  }
}

export const OURS = 'diptych'
/** tfjs as it comes: no kernel of ours, op by op. */
export const TFJS = 'tfjs'
const asItComes = { isRecorded: false, kernels: [] }
/** The same as a program would run it that does not know what glibc does to it. */
const plainly = { ...asItComes, hasMemorySettings: false }

/** A recorded step needs its weights in variables, and masks that TensorFlow draws. */
const leastForRecording = ['variables', 'dropout'] as const

/** What each of our tricks is worth by itself, and what all of them are together. The first is compared with. */
export const ablation: ReadonlyMap<string, Contender> = new Map([
  ['tfjs as it comes', ours('float32', plainly)],
  ['and memory settings alone', ours('float32', asItComes)],
  ['and variables with fused Adam alone', ours('float32', { ...plainly, kernels: ['variables'] })],
  ['and fused norms alone', ours('float32', { ...plainly, kernels: ['normalise'] })],
  ['and our own ops alone', ours('float32', { ...plainly, kernels: ownKernels })],
  ['and fused activations alone', ours('float32', { ...plainly, kernels: ['activations'] })],
  ['and all kernels alone', ours('float32', { ...plainly, kernels })],
  ['and recording alone', ours('float32', { hasMemorySettings: false, kernels: leastForRecording })],
  [
    'and recording in bfloat16 alone',
    ours('bfloat16', { hasMemorySettings: false, kernels: leastForRecording }),
  ],
  ['all, float32', ours('float32')],
  ['all, bfloat16', ours('bfloat16')],
])

/** Everybody at their best in one precision. onnxruntime has no bfloat16 convolutions on processors. */
export function contendersFor({ kind }: Row, precision: Precision): Map<string, Contender> {
  const theirs = (engine: Extract<Contender, { side: 'theirs' }>['engine']): [string, Contender] => [
    engine,
    { side: 'theirs', precision, engine },
  ]
  const layouts = [theirs('torch-contiguous'), theirs('torch-channels_last')]
  if (kind === 'forward') {
    const runtimes =
      precision === 'float32' ? [theirs('onnxruntime'), theirs('openvino')] : [theirs('openvino')]
    return new Map([[OURS, ours(precision)], ...runtimes])
  }
  const plain: [string, Contender][] = precision === 'float32' ? [[TFJS, ours(precision, asItComes)]] : []
  return new Map([[OURS, ours(precision)], ...layouts, ...plain])
}
