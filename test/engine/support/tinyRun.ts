import { createHash } from 'node:crypto'
import { recipes } from '../../../src/core/recipes/index.ts'
import type { OptionsOf, RecipeId } from '../../../src/core/recipes/index.ts'
import { picturesInStep } from '../../../src/core/recipes/common.ts'
import { randomUniform } from '../../../src/core/random.ts'
import type { Precision } from '../../../src/core/training/precision.ts'
import { setRecording } from '../../../src/engine/backends/recorded.ts'
import { createTrainer } from '../../../src/engine/recipes/index.ts'
import type { Pictures, TrainBatch, Trainer } from '../../../src/engine/recipes/trainer.ts'

export const tinyContext = { inputChannels: 3, outputChannels: 3, scale: 1 }

/** Options of a run that takes milliseconds a step. */
export function tinyOptions(changes: Partial<OptionsOf<'pix2pix'>> = {}): OptionsOf<'pix2pix'> {
  return recipes.pix2pix.options.parse({
    netG: 'unet_32',
    cropSizePx: 32,
    ngf: 2,
    ndf: 2,
    nLayersD: 2,
    ...changes,
  })
}

/** A trainer of any recipe, tiny, with the batches that it takes. Classes are those of the recipes that know any. */
export function createTiny(
  id: RecipeId,
  changes: Record<string, unknown> = {},
  precision: Precision = 'float32',
): { trainer: Trainer; batchOf: (step: number) => TrainBatch } {
  const tiny = {
    cropSizePx: 32,
    nLayersD: 2,
    ngf: 4,
    ndf: 4,
    nef: 4,
    batchSize: 1,
    latent: 6,
    judgeRounds: 2,
    steps: 8,
  }
  const { options: schema } = recipes[id]
  const known = Object.entries(tiny).filter(([name]) => name in schema.shape)
  const options = schema.parse({ ...Object.fromEntries(known), ...changes })
  const classes = ['round', 'square', 'flat']
  const count = picturesInStep(options)
  return {
    trainer: createTrainer(id, options, { ...tinyContext, precision, classes }),
    batchOf: (step) => ({
      step,
      learningRate: 2e-4,
      seed: 5,
      realA: noise(2 * step, 3, count),
      realB: noise(2 * step + 1, 3, count),
      labels: Array.from({ length: count }, (_, index) => (index + step) % classes.length),
    }),
  }
}

export function noise(seed: number, channels = 3, pictures = 1): Pictures {
  const shape = [pictures, 32, 32, channels] as const
  const data = Float32Array.from(
    { length: pictures * 32 * 32 * channels },
    (_, index) => 2 * randomUniform(seed, index) - 1,
  )
  return { shape, data }
}

export function tinyBatch(step: number): TrainBatch {
  return { step, learningRate: 2e-4, seed: 5, realA: noise(2 * step), realB: noise(2 * step + 1) }
}

export async function trainSteps(
  trainer: Trainer,
  from: number,
  to: number,
  batchOf = tinyBatch,
): Promise<Record<string, number>[]> {
  const losses = []
  for (let step = from; step <= to; step += 1) losses.push(await trainer.train(batchOf(step)))
  return losses
}

/** What comes of work whose steps are not recorded. */
export async function opByOp<T>(work: () => Promise<T>): Promise<T> {
  setRecording(false)
  try {
    return await work()
  } finally {
    setRecording(true)
  }
}

/**
 * Whether a tensor of a tiny run changes anything. Biases before the instance norms of a PatchGAN and of a ResNet do not, and
 * stay.
 */
export function hasEffect(name: string, generator: 'resnet' | 'residual' | 'contrasted' = 'resnet'): boolean {
  if (/^netD.*\/layer[23]\.bias$/.test(name)) return false
  // What CUT compares of the halving layers is taken before their norms.
  if (generator === 'contrasted' && /\/down\d\.bias$/.test(name)) return true
  return generator === 'residual' || !/^netG.*\/(stem|down\d|block\d+\.conv\d|up\d)\.bias$/.test(name)
}

/** One fingerprint of everything that is saved. */
export function fingerprint(trainer: Trainer): string {
  const hash = createHash('sha256')
  for (const { name, data } of trainer.state()) hash.update(name).update(new Uint8Array(data().buffer))
  return hash.digest('hex')
}
