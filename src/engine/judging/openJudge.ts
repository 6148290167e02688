import { refuse } from '../../core/errors.ts'
import { nearest, parseOptions } from '../../core/options/parse.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import type { RunConfig } from '../../core/project/project.ts'
import { translateNormOf, type RunOptions } from '../../core/recipes/common.ts'
import { recipes } from '../../core/recipes/index.ts'
import { buildNetwork } from '../networks/index.ts'
import type { NormMode } from '../nn/network.ts'
import { createTrainer } from '../recipes/index.ts'
import type { SeatedJudge, Trainer, TrainerContext } from '../recipes/trainer.ts'
import { readDatabase } from '../storage/database.ts'
import { readRunRows } from '../storage/runRows.ts'
import { readRunConfig, runFolder } from '../storage/runs.ts'
import {
  isIntact,
  listCheckpoints,
  stateHash,
  useCheckpoint,
  type SavedCheckpoint,
} from '../training/checkpoint.ts'
import { chooseState } from '../training/exportModel.ts'

export type JudgeRequest = {
  projectFolder: string
  run: string
  /** Left out: the step of the run's model where its judge is still there, else the newest. */
  step?: number
  /** `D_A`; the one that looks at what the model makes when left out. */
  judge?: string
}

/** A judge of a run as it was at a saved state. */
export type OpenJudge = {
  config: RunConfig
  options: RunOptions
  step: number
  /** Of the saved state. */
  sha256: string
  seat: SeatedJudge
  norm: NormMode
  context: TrainerContext
  /** Names of the classes that it may be told. */
  classes: readonly string[]
  dispose(): void
}

/**
 * Opens the judge of a run: the whole saved state is put back into the recipe's trainer, as resuming does, so that the judge and
 * the generator that it was set against are those of one moment. The caller disposes it.
 * @throws Refused `run-unknown`, `checkpoint-missing`, `checkpoint-damaged`, `judge-thinned`, `judge-missing`, `judge-unknown`
 */
export async function openJudge(request: JudgeRequest): Promise<OpenJudge> {
  const { projectFolder, run, judge } = request
  const config = await readRunConfig(projectFolder, run)
  const state = await findWholeState(request)
  const { header, step } = state.manifest
  const options = parseOptions(recipes[config.recipe].options, config.options)
  const context = contextOf(header)
  const trainer = createTrainer(config.recipe, options, context)
  try {
    const seat = chooseSeat(trainer, judge, run)
    await useCheckpoint(state, (saved) => trainer.loadState(saved))
    const { labels: classes = [] } = header.condition ?? {}
    const norm = translateNormOf(options)
    const sha256 = stateHash(state)
    return { config, options, step, sha256, seat, norm, context, classes, dispose: () => trainer.dispose() }
  } catch (error) {
    trainer.dispose()
    throw error
  }
}

/** What the trainer of a saved state was made for, as its model says it. Judges compute in float32, whatever they learned in. */
function contextOf({ task, network, input, output, compose, condition }: ModelHeader): TrainerContext {
  return {
    // Colours alone are painted on the lightness of a grey picture, which may have been given in colour.
    inputChannels: compose ? output.channels : input.channels,
    outputChannels: output.channels,
    scale: task === 'generate' ? 1 : buildNetwork(network.architecture, network.options).scale,
    classes: condition?.labels ?? [],
    precision: 'float32',
  }
}

/** @throws Refused `judge-missing`, `judge-unknown` */
function chooseSeat({ judges = [] }: Trainer, wanted: string | undefined, run: string): SeatedJudge {
  const [first] = judges
  if (!first)
    throw refuse(
      'judge-missing',
      `${run} was trained without a judge, so none can be asked.`,
      'Train a run with one: any recipe but Restoration has it, and that has it with an adversarial weight (--lambda-gan) above 0.',
    )
  const found = wanted === undefined ? first : judges.find(({ id }) => id === wanted)
  if (found) return found
  const ids = judges.map(({ id }) => id)
  const meant = nearest(wanted ?? '', ids)
  throw refuse(
    'judge-unknown',
    `${run} has no judge named ${JSON.stringify(wanted?.slice(0, 80))}.`,
    meant && ids.length > 1 ? `Did you mean ${meant}?` : `It has: ${ids.join(', ')}.`,
  )
}

/** @throws Refused `checkpoint-missing`, `checkpoint-damaged`, `judge-thinned` */
async function findWholeState({ projectFolder, run, step }: JudgeRequest): Promise<SavedCheckpoint> {
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  const whole = saved.filter(({ manifest }) => manifest.whole)
  const steps = whole.map(({ manifest }) => manifest.step)
  const state =
    step === undefined
      ? (whole.find(({ manifest }) => manifest.step === modelStepOf(projectFolder, run)) ??
        whole.at(-1) ??
        chooseState(saved, 'last', run))
      : chooseState(saved, step, run)
  const { manifest } = state
  if (!manifest.whole)
    throw refuse(
      'judge-thinned',
      `Of the state saved at step ${manifest.step} of ${run} only the generator was kept, so its judge is gone.`,
      steps.length > 0
        ? `Choose a step that was kept whole: ${steps.join(', ')}.`
        : 'Train a new run with more disk for saved states (--disk-budget-gb).',
    )
  if (await isIntact(state)) return state
  throw refuse(
    'checkpoint-damaged',
    `The state saved at step ${manifest.step} of ${run} is damaged.`,
    'Choose another step (--step), or resume the run.',
  )
}

function modelStepOf(projectFolder: string, run: string): number | null | undefined {
  return readDatabase(projectFolder, readRunRows).get(run)?.model_step
}
