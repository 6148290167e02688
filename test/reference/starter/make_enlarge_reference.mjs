/**
 * What the published enlargers themselves answer to a small picture, run by TensorFlow.js from their own model files.
 *
 *   node test/reference/starter/make_enlarge_reference.mjs
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import sharp from 'sharp'
import { withPackages } from '../../../scripts/make-packages.mjs'
import { writeSafetensors } from '../../../scripts/make-safetensors.mjs'

const inHere = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Hands a layers model that lies in a folder to TensorFlow.js without its file handler. */
function openModel(folder) {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'))
  const [{ paths, weights }] = weightsManifest
  const bytes = Buffer.concat(paths.map((name) => readFileSync(path.join(folder, name))))
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weights, weightData }))
}

await withPackages(['esrgan'], async ({ esrgan }) => {
  const crop = { left: 700, top: 560, width: 20, height: 16 }
  const photo = sharp(inHere('../../../resources/photos/mountain-trail.jpg')).extract(crop)
  const values = Float32Array.from(await photo.raw().toBuffer())
  const tensors = new Map([['input', { shape: [1, 16, 20, 3], values }]])
  for (const scale of [2, 4]) {
    const model = await openModel(path.join(esrgan, 'models', `x${scale}`))
    const output = model.predict(tf.tensor4d(values, [1, 16, 20, 3]))
    tensors.set(`x${scale}`, { shape: output.shape, values: await output.data() })
  }
  writeSafetensors(inHere('enlarge.safetensors'), tensors, {})
})
