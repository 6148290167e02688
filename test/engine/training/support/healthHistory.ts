import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseOptions } from '../../../../src/core/options/parse.ts'
import { recipes, type RecipeId } from '../../../../src/core/recipes/index.ts'
import { penaltyWeightOf } from '../../../../src/core/recipes/noise.ts'
import { observeGallery } from '../../../../src/core/training/galleryHealth.ts'
import {
  areGradientsDue,
  observeGradients,
  observeLosses,
  observeValidation,
} from '../../../../src/core/training/health.ts'
import { newHealth, type Observed } from '../../../../src/core/training/healthState.ts'
import type { Look } from '../../../../src/core/training/look.ts'
import { createProject } from '../../../../src/engine/storage/project.ts'
import { realEdges, type Edges } from '../../../../src/engine/training/edges.ts'
import { startRun } from '../../../../src/engine/training/run.ts'

/** All that a run's health was judged by; `losses` and `gradients` have an entry for each step at which they were looked at. */
export type History = {
  sample: string
  recipe: RecipeId
  options: Readonly<Record<string, unknown>>
  steps: number
  classes: readonly string[]
  losses: Record<string, number[]>
  gradients: Record<string, number>[]
  galleries: { step: number; look: Look }[]
  validations: { step: number; l1: number }[]
  /** What the run told, as `code step`. */
  told: string[]
}

const brief = (value: number) => Number(value.toPrecision(3))

/** Real trainers that note what they tell. */
function listening(history: History): Edges {
  return {
    ...realEdges,
    createTrainer(recipe, options, context) {
      const trainer = realEdges.createTrainer(recipe, options, context)
      history.classes = context.classes ?? []
      return {
        ...trainer,
        async train(batch) {
          const losses = await trainer.train(batch)
          for (const [id, loss] of Object.entries(losses)) (history.losses[id] ??= []).push(brief(loss))
          return losses
        },
        async gradientLengths() {
          const lengths = await trainer.gradientLengths()
          const ofPainters = Object.entries(lengths).filter(([name]) => name.startsWith('netG'))
          history.gradients.push(
            Object.fromEntries(ofPainters.map(([name, length]) => [name, brief(length)])),
          )
          return lengths
        },
      }
    },
  }
}

async function readLook(projectFolder: string, run: string, step: number): Promise<Look | null> {
  const place = join('runs', run, 'checkpoints', String(step).padStart(8, '0'), 'cursor.json')
  const cursor = JSON.parse(await readFile(join(projectFolder, place), 'utf8')) as {
    health: { look: Look | null }
  }
  return cursor.health.look
}

/** Trains on a sample and writes down what the run's health was judged by. A state is saved with every gallery. */
export async function recordHistory(
  asked: Pick<History, 'sample' | 'recipe' | 'options' | 'steps'>,
): Promise<History> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-history-'))
  const history: History = {
    ...asked,
    ...{ classes: [], losses: {}, gradients: [], galleries: [], validations: [], told: [] },
  }
  const { sample, recipe, steps } = asked
  const options = { ...asked.options, steps, checkpointEvery: asked.options.sampleEvery }
  const projectFolder = join(folder, 'project')
  try {
    await createProject(projectFolder, { name: 'History', sample, dataset: null })
    const request = { projectFolder, training: { recipe, options }, threads: 2 }
    for await (const event of startRun(request, undefined, undefined, listening(history))) {
      if (event.type === 'failed') throw new Error(event.refusal.message)
      if (event.type === 'finding' && event.step > 0) history.told.push(`${event.finding.code} ${event.step}`)
      if (event.type !== 'checkpoint') continue
      const { run, step, validationL1 } = event
      if (validationL1 !== null) history.validations.push({ step, l1: validationL1 })
      const look = await readLook(projectFolder, run, step)
      // Between the first gallery and those that are judged, the first one stays the newest.
      const isNew = JSON.stringify(look) !== JSON.stringify(history.galleries.at(-1)?.look)
      if (look && isNew) history.galleries.push({ step, look })
    }
    return history
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What is told of a run that went like this, as `code step`. */
export function replay(history: History): string[] {
  const { recipe, steps, classes, losses, gradients, galleries, validations } = history
  const lambdaGP = penaltyWeightOf(parseOptions(recipes[recipe].options, history.options))
  const isPaired = !recipes[recipe].datasets.some((kind) => kind === 'unpaired-folders')
  const [told, lengths] = [[] as string[], [...gradients]]
  let state = newHealth
  for (let step = 1; step <= steps; step += 1) {
    const take = (observed: Observed) => {
      state = observed.state
      told.push(...observed.told.map(({ code }) => `${code} ${step}`))
    }
    const ofStep = Object.entries(losses).map(([id, all]) => [id, all[step - 1] ?? NaN] as const)
    take(observeLosses(state, Object.fromEntries(ofStep), lambdaGP))
    if (areGradientsDue(step)) take(observeGradients(state, lengths.shift() ?? {}))
    const gallery = galleries.find((one) => one.step === step)
    if (gallery) take(observeGallery(state, step, gallery.look, classes))
    const validation = validations.find((one) => one.step === step)
    if (validation) take(observeValidation(state, step, validation.l1, isPaired))
  }
  return told
}
