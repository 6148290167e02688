import { generateOptions } from '../../../src/core/generation/events.ts'
import { modelHeader, type ModelHeader } from '../../../src/core/models/modelHeader.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import {
  generateSet,
  type GenerateRequest,
  type GenerationEvent,
} from '../../../src/engine/generation/generateSet.ts'
import { writeModelFile } from '../../../src/engine/interchange/modelFile.ts'
import { CLASSES, SIDE } from '../../support/shapes.ts'
import { headerFor, weightsFor } from '../inference/models.ts'

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
