import { THRESHOLD, type Distribution, type JudgingSummary, type Opinion } from './events.ts'

export type JudgeKind = JudgingSummary['ganLoss']

const BINS = 20

/** A judge's logit as a score: the chance that it stands for (vanilla; hinge, whose bend is at 0), LSGAN's target 1 or 0 as it is, a critic's value as it is. */
export function scoreOfLogit(kind: JudgeKind, logit: number): number {
  return kind === 'vanilla' || kind === 'hinge' ? 1 / (1 + Math.exp(-logit)) : logit
}

/** The score of a picture: the mean over its patches; of LSGAN kept within 0 and 1, between which its targets lie. */
export function scoreOfMap(kind: JudgeKind, scores: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < scores.length; at += 1) sum += scores[at] ?? Number.NaN
  const mean = sum / scores.length
  return kind === 'lsgan' ? Math.min(1, Math.max(0, mean)) : mean
}

/** Null where the judge is a critic. */
export function thresholdOf(kind: JudgeKind): number | null {
  return kind === 'wgan' ? null : THRESHOLD
}

/** Between the means of made (0) and real (1) pictures; null where they are one. */
export function positionOf(score: number, means: { real: number; made: number }): number | null {
  const position = (score - means.made) / (means.real - means.made)
  return Number.isFinite(position) ? position : null
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** What lies at a share of the sorted values, between two of them where it falls between. */
export function quantileOf(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN]
  return below + (above - below) * (place - Math.floor(place))
}

/** 0 to 1, where scores are; of a critic from the least to the largest of all of them. */
export function rangeOf(kind: JudgeKind, scores: readonly number[]): JudgingSummary['range'] {
  if (kind !== 'wgan') return { low: 0, high: 1 }
  // Not by spreading: there may be more scores than a call takes.
  const low = scores.reduce((least, score) => Math.min(least, score), Infinity)
  const high = scores.reduce((most, score) => Math.max(most, score), -Infinity)
  return Number.isFinite(low) ? { low, high } : { low: 0, high: 1 }
}

/** Null of no scores at all. */
export function distributionOf(
  scores: readonly number[],
  threshold: number | null,
  { low, high }: JudgingSummary['range'],
): Distribution | null {
  if (scores.length === 0) return null
  const sorted = [...scores].sort((x, y) => x - y)
  const histogram = new Array<number>(BINS).fill(0)
  for (const score of scores) {
    const share = high > low ? (score - low) / (high - low) : 0
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(share * BINS)))
    histogram[bin] = (histogram[bin] ?? 0) + 1
  }
  const over = threshold === null ? null : scores.filter((score) => score >= threshold).length / scores.length
  return {
    count: scores.length,
    mean: meanOf(scores),
    deciles: Array.from({ length: 9 }, (_, index) => quantileOf(sorted, (index + 1) / 10)),
    shareOver: over,
    histogram,
  }
}

/** The mean of the shares of real and of made pictures that the threshold tells rightly; null where there is none, or no pictures. */
export function accuracyOf(real: Distribution | null, made: Distribution | null): number | null {
  const [rightly, wrongly] = [real?.shareOver ?? null, made?.shareOver ?? null]
  return rightly === null || wrongly === null ? null : (rightly + 1 - wrongly) / 2
}

/**
 * How often a real picture scores above a made one, a tie counting half: the area under the ROC curve, by ranks (Mann and Whitney
 * 1947). Null where either has none.
 */
export function areaUnderCurve(real: readonly number[], made: readonly number[]): number | null {
  if (real.length === 0 || made.length === 0) return null
  const all = [
    ...real.map((score) => ({ score, isReal: true })),
    ...made.map((score) => ({ score, isReal: false })),
  ].sort((x, y) => x.score - y.score)
  let rankSum = 0
  for (let from = 0; from < all.length;) {
    let to = from
    while (to < all.length && all[to]?.score === all[from]?.score) to += 1
    const rank = (from + 1 + to) / 2
    rankSum += rank * all.slice(from, to).filter(({ isReal }) => isReal).length
    from = to
  }
  return (rankSum - (real.length * (real.length + 1)) / 2) / (real.length * made.length)
}

/** Where a picture stands, in words: against the threshold, or, of a critic, between the means of made and real pictures. */
export function verdictInWords({
  score,
  position,
  verdict,
}: Pick<Opinion, 'score' | 'position' | 'verdict'>): string {
  if (verdict !== null) return verdict === 'real' ? 'looks real' : 'looks made'
  if (position === null) return `${score.toFixed(3)}, and real and made test pictures score alike`
  const percent = Math.round(100 * position)
  if (percent >= 100) return 'beyond the mean of real test pictures'
  if (percent <= 0) return 'below the mean of made test pictures'
  return `${percent}% of the way from the mean of made test pictures to that of real ones`
}
