import type { SideSummary } from '../../core/datasets/report.ts'
import type { ModelHeader, PictureSpace } from '../../core/models/modelHeader.ts'
import type { RunConfig } from '../../core/project/project.ts'
import { translateNormOf, type RunOptions } from '../../core/recipes/common.ts'
import { recipes } from '../../core/recipes/index.ts'
import { countInWords } from '../../core/words.ts'
import type { DatasetReport } from '../datasets/index.ts'
import type { MadeModel } from '../recipes/trainer.ts'

function spaceOf({ bitDepth }: SideSummary, channels: number): PictureSpace {
  const colourSpace = channels === 3 ? 'srgb' : channels === 1 ? 'grey' : 'data'
  return { channels, bitDepth, low: -1, high: 1, colourSpace }
}

function planesOf(condition: MadeModel['condition']): number {
  return condition ? condition.latent + condition.labels.length : 0
}

/** What it was trained on, in words. */
function materialOf({ unpaired, derivation, classes }: DatasetReport, pairs: number): string {
  if (classes) {
    const pictures = countInWords(pairs, 'picture')
    return classes.length > 0
      ? `${pictures} of ${countInWords(classes.length, 'class', 'classes')}`
      : pictures
  }
  if (derivation) return `${countInWords(pairs, 'picture')} and copies of them spoiled on purpose`
  if (!unpaired) return countInWords(pairs, 'pair')
  const inTraining = (singles: readonly { split: string }[]) =>
    singles.filter(({ split }) => split === 'train').length
  return `${inTraining(unpaired.a)} and ${inTraining(unpaired.b)} pictures without pairs`
}

function cardOf(summary: string): ModelHeader['card'] {
  return {
    summary,
    goodFor: 'Pictures like those it was trained on.',
    limits: 'What its training pictures did not show it, it invents.',
    source: 'Trained with Diptych.',
    licence: 'Not stated. The rights in the training pictures may bind what is made with it.',
  }
}

/**
 * What a model file of this run says at a step. A pure function of the run's inputs: no name of the project or of the
 * run, no time and no path, so that equal runs give equal bytes.
 */
export function describeModel(request: {
  config: RunConfig
  options: RunOptions
  report: DatasetReport
  model: Pick<MadeModel, 'network' | 'task' | 'compose' | 'condition'>
  atStep: number
  validationL1: number | null
}): ModelHeader {
  const { config, options, report, model, atStep, validationL1 } = request
  const { network, task = 'translate', compose, condition } = model
  const { direction = 'AtoB' } = options
  const { a, b } = report
  if (!a || !b) throw new Error('A run over no pictures has no model.')
  const [from, to] = direction === 'AtoB' ? [a, b] : [b, a]
  const { label } = recipes[config.recipe]
  const isOneSided = report.classes !== null
  const way = isOneSided ? '' : `, ${direction === 'AtoB' ? 'A to B' : 'B to A'}`
  return {
    format: 'diptych-model',
    version: 1,
    name: `${label} ${network.architecture}${way}`,
    task,
    network: { architecture: network.architecture, options: { ...network.options } },
    input: spaceOf(from, isOneSided ? from.channels : network.inputChannels - planesOf(condition)),
    output: spaceOf(to, compose ? to.channels : network.outputChannels),
    ...(condition && { condition }),
    ...(compose && { compose }),
    ...(compose && options.preprocess !== 'crop' && { workingSidePx: options.cropSizePx }),
    norm: translateNormOf(options),
    trainedSizePx: options.cropSizePx,
    card: cardOf(
      `Trained with ${label} on ${materialOf(report, config.pairs)} for ${atStep} of ${config.steps} steps.`,
    ),
    training: {
      recipe: config.recipe,
      options: config.options,
      direction,
      steps: config.steps,
      atStep,
      pairs: config.pairs,
      datasetFingerprint: config.datasetFingerprint,
      validationL1,
    },
  }
}
