import type { Precision } from '../src/core/training/precision.ts'
import type { OurContender } from './ours.ts'
import type { Row } from './rows.ts'

/** Who is compared in a row, by the name under which it is printed. */
export type Contender = { precision: Precision } & (
  | { side: 'ours'; how: OurContender }
  | { side: 'theirs'; engine: 'torch-contiguous' | 'torch-channels_last' | 'onnxruntime' | 'openvino' }
)

export const OURS = 'diptych'
/** tfjs as it comes: no kernel of ours, op by op. */
export const TFJS = 'tfjs'

function ours(precision: Precision, how: Partial<OurContender> = {}): Contender {
  return { side: 'ours', precision, how: { precision, isRecorded: true, hasKernels: true, ...how } }
}

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
  const asItComes: [string, Contender][] =
    precision === 'float32' ? [[TFJS, ours(precision, { isRecorded: false, hasKernels: false })]] : []
  return new Map([[OURS, ours(precision)], ...layouts, ...asItComes])
}
