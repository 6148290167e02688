import { createRequire } from 'node:module'
import util from 'node:util'
import type * as Tfjs from '@tensorflow/tfjs'

export type {
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorContainer,
} from '@tensorflow/tfjs'
export type Tf = typeof Tfjs

const require = createRequire(import.meta.url)

// tfjs-node calls both: Node 23 removed the first, and warns on the terminal about the second.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
})

/**
 * TensorFlow.js, and the only place in the engine that loads it. Ops run on whatever `openBackend` opened;
 * before that call there is no backend worth computing on.
 */
export const tf = require('@tensorflow/tfjs') as Tf

// Production mode: tfjs neither advertises itself on the terminal nor checks every op twice.
tf.env().set('PROD', true)

/** Loads the native TensorFlow addon and makes it the current backend. Throws whatever the loader throws. */
export function loadTensorFlow(): void {
  require('@tensorflow/tfjs-node-gpu')
}
