import { recipes } from '../../core/recipes/index.ts'
import type { Glance } from '../../core/training/glances.ts'
import { lookAt, type Look } from '../../core/training/look.ts'
import { translateNormOf } from '../../core/recipes/common.ts'
import type { EvaluationRow } from '../data/loader.ts'
import type { Pictures } from '../recipes/trainer.ts'
import type { Session } from './session.ts'

/** A held-out row and what the model makes of it. */
export type MadeRow = { row: EvaluationRow; made: Pictures }

/** A gallery shows a few pictures; for what is made from nothing so many are made besides, to say what is never made. */
const SAMPLE = 64

/** Whether the recipe is given no picture to make another of. */
function isFromNothing({ config }: Session): boolean {
  return recipes[config.recipe].visuals.every(({ side }) => side === 'b')
}

/**
 * Sums up what a gallery shows.
 * @param isWide whether to make more pictures than it shows where the recipe makes them from nothing
 */
export async function lookAtRows(
  session: Session,
  shown: readonly MadeRow[],
  isWide: boolean,
): Promise<Look> {
  const { options, trainer } = session
  const fromNothing = isFromNothing(session)
  const rows = fromNothing && isWide ? await makeMore(session) : shown
  const { task, condition } = trainer.generator()
  return lookAt({
    sidePx: options.cropSizePx,
    made: rows.map(({ made }) => greyOf(made)),
    truth: rows.map(({ row }) => greyOf(row.realB)),
    given: fromNothing ? [] : rows.map(({ row }) => greyOf(row.realA)),
    labels: rows.flatMap(({ row }) => row.labels),
    isOfClass: task === 'generate' && (condition?.labels ?? []).length > 0,
    isPaired: rows.every(({ row }) => row.isPair),
  })
}

/** What the model makes beside pictures that it learns from, all classes in turn: nobody else sees them. */
async function makeMore({ loader, trainer, config, options }: Session): Promise<MadeRow[]> {
  const rows: MadeRow[] = []
  for await (const row of loader.evaluationRows('train', SAMPLE)) {
    const visuals = await trainer.visuals({ ...row, row: rows.length }, translateNormOf(options))
    const made = visuals[recipes[config.recipe].made]
    if (made) rows.push({ row, made })
  }
  return rows
}

/** The first picture in grey, row by row: the mean of its channels. */
function greyOf({ shape: [, height, width, channels], data }: Pictures): Glance {
  return Float32Array.from({ length: height * width }, (_, pixel) => {
    let sum = 0
    for (let channel = 0; channel < channels; channel += 1) sum += data[pixel * channels + channel] ?? 0
    return sum / channels
  })
}
