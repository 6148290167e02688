import { z } from 'zod'
import { tf } from '../backends/tf.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { dense } from '../nn/dense.ts'
import type { ParameterDeclaration, Weights } from '../nn/network.ts'

/** What a network is given besides, or instead of, a picture: planes of a latent code, and one for each label, 1 where it is meant. */
export const conditionOptions = {
  latent: z.number().int().min(1).max(4096).default(100),
  /** 0: there are none. */
  labels: z.number().int().min(0).max(1024).default(0),
} as const

export const EMBEDDING = 'embedding.weight'

/**
 * Values that stand for each label: [1,1,labels,width]. They begin small: beside a code of spread 1, labels as large as it teach a
 * generator to forget the code, and it makes one picture of each class.
 */
export function declareEmbedding(labels: number, width: number): ParameterDeclaration[] {
  return labels === 0 ? [] : [{ name: EMBEDDING, shape: [1, 1, labels, width], init: 'weight' }]
}

/** Values of a code with those of its label beside it. */
export const embeddedWidth = (labels: number, latent: number): number => (labels === 0 ? latent : 2 * latent)

/** x [N,1,1,latent + labels], labels as one-hot: the code and the values of its label, [N,1,1,2 latent]. */
export function withEmbedding(x: Tensor4D, latent: number, labels: number, weights: Weights): Tensor4D {
  if (labels === 0) return x
  const [count] = x.shape
  const code = tf.slice(x, [0, 0, 0, 0], [count, 1, 1, latent])
  const label = tf.slice(x, [0, 0, 0, latent], [count, 1, 1, labels])
  return tf.concat([code, dense(label, weights(EMBEDDING))], 3)
}

/** A picture [N,H,W,C + labels] and the label that its last planes say, [N,1,1,labels]. */
export function splitLabel(
  x: Tensor4D,
  channels: number,
): { picture: Tensor4D; label: Tensor4D | undefined } {
  const [count, height, width, all] = x.shape
  if (all === channels) return { picture: x, label: undefined }
  return {
    picture: tf.slice(x, [0, 0, 0, 0], [count, height, width, channels]),
    label: tf.slice(x, [0, 0, 0, channels], [count, 1, 1, all - channels]),
  }
}

/**
 * How well features [N,h,w,c] of a picture go with its label (Miyato and Koyama 2018, cGANs with Projection Discriminator,
 * equation 6): their product with the values of the label, [N,1,1,1]. Features keep their places: what makes a shoe a shoe is
 * where its parts are.
 */
export function projectOnLabel(features: Tensor4D, label: Tensor4D, weights: Weights): Tensor4D {
  const values = dense(label, weights(EMBEDDING))
  const flat = tf.reshape(features, values.shape) as Tensor4D
  return tf.sum(tf.mul(flat, values), 3, true)
}
