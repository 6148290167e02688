import { refuse } from '../../core/errors.ts'
import type { Loader } from '../data/loader.ts'
import { openHoldout, type HoldoutSplit } from '../evaluation/holdout.ts'
import type { Beside, Pictures, Shown } from '../recipes/trainer.ts'
import type { OpenJudge } from './openJudge.ts'

/** A picture whose truth is known, real or made by the run's own generator. */
export type Reference = { name: string; kind: 'real' | 'made'; shown: Pictures; beside: Beside }

/** Pictures that the run never learned from, and as many that its generator makes. */
export type References = { total: number; read(signal: AbortSignal): AsyncGenerator<Reference> }

type Row = Shown & { name: string }

/**
 * What a judge is measured by.
 * @throws Refused `holdout-empty`, `dataset-changed`
 */
export async function openReferences(
  judge: OpenJudge,
  projectFolder: string,
  split: HoldoutSplit,
  signal: AbortSignal,
): Promise<References> {
  const { config, seat } = judge
  const { loader } = await openHoldout(config, projectFolder, split, signal)
  const [rows, targets] = [loader.countRows(split), loader.countTargets(split)]
  const [reals, sources] = seat.real === 'realA' || isTold(judge) ? [rows, targets] : [targets, rows]
  if (reals === 0 || sources === 0)
    throw refuse(
      'holdout-empty',
      `One side of the data of ${config.run} has no ${split === 'val' ? 'validation' : 'test'} pictures.`,
      `Set a share for them, or put pictures into a folder named ${split}, and train a new run.`,
    )
  const makes = isTold(judge) ? reals : Math.min(reals, sources)
  return {
    total: reals + makes,
    read: (stop) =>
      isTold(judge) ? readTogether(judge, loader, split, stop) : readApart(judge, loader, split, makes, stop),
  }
}

/** Where a judge is told more than the picture, real and made pictures are those of one row. */
function isTold({ seat: { told } }: OpenJudge): boolean {
  return told.given || told.label
}

async function* readTogether(
  { seat, norm }: OpenJudge,
  loader: Loader,
  split: HoldoutSplit,
  signal: AbortSignal,
): AsyncGenerator<Reference> {
  let index = 0
  for await (const row of loader.evaluationRows(split, Infinity, signal)) {
    const [label] = row.labels
    const beside: Beside = {
      ...(seat.told.given && { given: row.realA }),
      ...(seat.told.label && label !== undefined && { label }),
    }
    const { name } = row
    yield { name, kind: 'real', shown: row[seat.real], beside }
    yield { name, kind: 'made', shown: await seat.make({ ...row, row: index }, norm), beside }
    index += 1
  }
}

/** Each real picture once, and each that something is made of, however many there are of either. */
async function* readApart(
  { seat, norm }: OpenJudge,
  loader: Loader,
  split: HoldoutSplit,
  makes: number,
  signal: AbortSignal,
): AsyncGenerator<Reference> {
  const [real, source] =
    seat.real === 'realA'
      ? [rowsOf(loader, split, signal), targetsOf(loader, split, signal)]
      : [targetsOf(loader, split, signal), rowsOf(loader, split, signal)]
  for await (const row of real) yield { name: row.name, kind: 'real', shown: row[seat.real], beside: {} }
  let index = 0
  for await (const row of source) {
    if (index === makes) return
    yield { name: row.name, kind: 'made', shown: await seat.make({ ...row, row: index }, norm), beside: {} }
    index += 1
  }
}

async function* rowsOf(loader: Loader, split: HoldoutSplit, signal: AbortSignal): AsyncGenerator<Row> {
  yield* loader.evaluationRows(split, Infinity, signal)
}

async function* targetsOf(loader: Loader, split: HoldoutSplit, signal: AbortSignal): AsyncGenerator<Row> {
  let number = 1
  for await (const pictures of loader.targets(split, signal)) {
    yield { name: `${split} ${number}`, realA: pictures, realB: pictures }
    number += 1
  }
}
