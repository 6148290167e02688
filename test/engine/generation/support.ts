import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { generateOptions } from '../../../src/core/generation/events.ts'
import { randomInteger, randomUniform } from '../../../src/core/random.ts'
import { modelHeader, type ModelHeader } from '../../../src/core/models/modelHeader.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import {
  generateSet,
  type GenerateRequest,
  type GenerationEvent,
} from '../../../src/engine/generation/generateSet.ts'
import { writeModelFile } from '../../../src/engine/interchange/modelFile.ts'
import { headerFor, weightsFor } from '../inference/models.ts'

export const SIDE = 16
export const CLASSES = ['disc', 'square']

/** A grey disc or square of any size at any place, as PNG. */
export function drawShape(label: string, seed: number): Promise<Buffer> {
  const [x, y] = [4 + randomInteger(8, seed, 1), 4 + randomInteger(8, seed, 2)]
  const radius = 2 + randomInteger(3, seed, 3)
  const level = 120 + Math.floor(120 * randomUniform(seed, 4))
  const samples = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [dx, dy] = [Math.abs((at % SIDE) - x), Math.abs(Math.floor(at / SIDE) - y)]
    const isIn = label === 'disc' ? dx * dx + dy * dy <= radius * radius : Math.max(dx, dy) <= radius
    return isIn ? level : 10
  })
  return sharp(samples, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
}

/** Pictures at `split/class/0.png` and on; `counts` by split and class. */
export async function drawFolder(
  folder: string,
  counts: Readonly<Record<string, Readonly<Record<string, number>>>>,
): Promise<string> {
  let seed = 0
  for (const [split, classes] of Object.entries(counts))
    for (const [label, count] of Object.entries(classes))
      for (let index = 0; index < count; index += 1) {
        const path = join(folder, split, label, `${index}.png`)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, await drawShape(label, (seed += 1)))
      }
  return folder
}

async function writeModel(path: string, header: ModelHeader): Promise<string> {
  const tensors = [...weightsFor(header)].map(([name, { shape, data }]) => ({
    name,
    shape,
    data: () => data,
  }))
  await writeModelFile(path, header, tensors)
  return path
}

/** A model from noise that knows both classes, with weights drawn at random. */
export function writeGenerator(path: string, labels: readonly string[] = CLASSES): Promise<string> {
  const latent = 4
  const options = { latent, labels: labels.length, sizePx: SIDE, channels: 1 }
  const header = headerFor('dense', options, { task: 'generate', channels: [1, 1] })
  return writeModel(path, modelHeader.parse({ ...header, condition: { latent, labels } }))
}

/** A model that turns grey pictures, into the looks that are named where there are any. */
export function writeTurner(path: string, labels: readonly string[] = []): Promise<string> {
  const options = { inputChannels: 1 + labels.length, outputChannels: 1, ngf: 4, norm: 'none' }
  const header = headerFor('resnet_1blocks', options, { channels: [1, 1] })
  const condition = labels.length > 0 ? { condition: { latent: 0, labels } } : {}
  return writeModel(path, modelHeader.parse({ ...header, ...condition }))
}

type Wanted = Pick<GenerateRequest, 'output' | 'realFolder' | 'sourceFolder' | 'worthSteps'> & {
  modelPath: string
  options?: Record<string, unknown>
  figures?: boolean | null
}

/** Makes a set in this process; `stopAt` says after which event it is stopped. */
export async function makeSet(
  { options = {}, figures = false, ...request }: Wanted,
  stopAt: (event: GenerationEvent) => boolean = () => false,
): Promise<GenerationEvent[]> {
  const { device } = await openBackend({ threads: 1 })
  const stop = new AbortController()
  const events: GenerationEvent[] = []
  const all = { leastDifference: 0, ...options }
  const whole = { ...request, figures, options: generateOptions.parse(all), backend: device }
  for await (const event of generateSet(whole, stop.signal)) {
    events.push(event)
    if (stopAt(event)) stop.abort()
  }
  return events
}
