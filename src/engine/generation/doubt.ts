import { quantileOf } from '../../core/judging/scores.ts'
import { toPictures } from '../data/prepare.ts'
import type { Picture } from '../imaging/picture.ts'
import { createClock } from '../inference/clock.ts'
import type { OpenJudge } from '../judging/openJudge.ts'
import { askJudge } from '../judging/opinions.ts'
import type { Generator } from './generator.ts'

/** A picture of a set as the judge sees it, and whether it is among the worst. */
export type Verdict = { score: number; isDoubted: boolean }
export type Doubt = { of(picture: Picture, label: number | null): Promise<Verdict> }

/** Pictures of each class from which it is learned which scores are the lowest; made in one go: so many. */
const [TRIALS, BATCH] = [512, 32]
/** Attempts of a set count from 0, so trial pictures are never among it. */
const TRIAL = 1_000_000

export type TrialProgress = { done: number; total: number; secondsLeft: number | null }

/**
 * Learns from trial pictures, class by class, which score the lowest share of pictures stays under. From then on whether a picture
 * is left out depends on nothing but itself, so a set that was stopped goes on to the same pictures.
 * @throws Refused `model-not-finite`; the signal's reason
 */
export async function* learnDoubt(
  { generator, judge }: { generator: Generator; judge: OpenJudge },
  { seed, dropLowest }: { seed: number; dropLowest: number },
  labels: readonly (number | null)[],
  signal: AbortSignal,
): AsyncGenerator<TrialProgress, Doubt> {
  const scoreOf = async (picture: Picture, label: number | null): Promise<number> => {
    const told = judge.seat.told.label && label !== null ? { label } : {}
    return (await askJudge(judge, toPictures([picture]), told)).score
  }
  const limits = new Map<number | null, number>()
  const total = labels.length * TRIALS
  const clock = createClock(total)
  let done = 0
  for (const label of labels) {
    const scores: number[] = []
    for (let from = 0; from < TRIALS; from += BATCH) {
      signal.throwIfAborted()
      const places = Array.from({ length: BATCH }, (_, index) => from + index)
      const wanted = label === null ? [] : places.map(() => label)
      for (const picture of await generator.make(places, wanted, seed, TRIAL))
        scores.push(await scoreOf(picture, label))
      done += BATCH
      yield { done, total, secondsLeft: clock.left(done) }
    }
    limits.set(
      label,
      quantileOf(
        scores.sort((x, y) => x - y),
        dropLowest,
      ),
    )
  }
  return {
    async of(picture, label) {
      const score = await scoreOf(picture, label)
      return { score, isDoubted: score < (limits.get(label) ?? -Infinity) }
    },
  }
}
