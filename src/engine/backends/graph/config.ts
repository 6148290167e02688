import { create, toBinary } from '@bufbuild/protobuf'
import type { Precision } from '../../../core/training/precision.ts'
import { ConfigProtoSchema } from './tensorflow_pb.ts'

const [ON, OFF] = [1, 2]

/**
 * What TensorFlow is told about rewriting a recorded step: in 16 bits convolutions and what lies between them work on those,
 * while weights, moments and losses stay float32 (grappler's auto_mixed_precision_onednn_bfloat16 for processors, its
 * auto_mixed_precision for float16 on graphics cards, where it also lays pictures out as they like them).
 */
export function configFor(precision: Precision, isLearning: boolean): Uint8Array {
  if (precision === 'float32') return new Uint8Array()
  // TensorFlow 2.21 fuses a bias with an activation whose gradient needs what lies between, notices, and gives up aloud.
  const remapping = isLearning ? OFF : ON
  const rewrite = precision === 'bfloat16' ? 'autoMixedPrecisionOnednnBfloat16' : 'autoMixedPrecision'
  const rewriteOptions = { [rewrite]: ON, remapping }
  return toBinary(ConfigProtoSchema, create(ConfigProtoSchema, { graphOptions: { rewriteOptions } }))
}
