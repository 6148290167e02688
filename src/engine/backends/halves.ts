import { nativeBackend } from './binding.ts'
import type { Binding } from './binding.ts'
import type { Tensor } from './tf.ts'

/** TensorFlow's number for bfloat16, which the addon does not name. */
export const TF_BFLOAT16 = 14

/** What is smaller costs nothing to cast again, and may be needed as it is. */
const WORTH_HOLDING = 1 << 16

/** Of tensors that are also held in 16 bits: the number of the one by that of the other. */
const halves = new Map<number, number>()

/**
 * Casts the larger ones of tensors that many recordings read to bfloat16, once; recordings in bfloat16 read those.
 * @returns what frees them
 */
export function holdHalves(tensors: readonly Tensor[]): () => void {
  const { binding } = nativeBackend()
  const large = tensors.filter(({ size }) => size >= WORTH_HOLDING)
  const ids = nativeBackend().getInputTensorIds([...large])
  for (const id of ids) halves.set(id, cast(binding, id))
  return () => {
    for (const id of ids) {
      binding.deleteTensor(halves.get(id) as number)
      halves.delete(id)
    }
  }
}

export function halfOf(id: number): number | undefined {
  return halves.get(id)
}

function cast(binding: Binding, id: number): number {
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_FLOAT } = binding
  const attributes = [
    { name: 'SrcT', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'DstT', type: TF_ATTR_TYPE, value: TF_BFLOAT16 },
    { name: 'Truncate', type: TF_ATTR_BOOL, value: false },
  ]
  const [half] = binding.executeOp('Cast', attributes, [id], 1)
  if (!half) throw new Error('TensorFlow op Cast gave nothing.')
  return half.id
}
