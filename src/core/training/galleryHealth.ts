import { glanceDifference } from './glances.ts'
import { observe, observeAll, type HealthState, type Observed } from './healthState.ts'
import type { Look } from './look.ts'
import type { NoticeCode } from './notices.ts'

type Coverages = HealthState['coverages']

/** A gallery may mislead once. */
const GALLERIES_IN_A_ROW = 3
/** What is made moves by ten times as much in the first 200 steps of a run that learns; statistics of batch norm alone move it by 0.02. */
const IDLE_MOVE = 0.04
/** What is made differs by this share of what true pictures do; even the most alike class of a healthy run reaches 0.18 while it is still grey. */
const [COLLAPSED_VARIETY, POOR_VARIETY, FORMED_CONTRAST] = [0.02, 0.1, 0.5]
/**
 * Runs from nothing begin at a recall of 0; what is above this, or still rises as the run gets longer by three quarters, is only not done
 * yet. WGAN on the sample rises from 0.2 to 0.5 in variety while its recall is still 0.
 */
const [LEAST_RECALL, RISING_RECALL, RISING_VARIETY] = [0.15, 0.05, 0.2]
const [KEPT_COVERAGES, LONGER] = [5, 7 / 6]
/** True day and night pictures of one place are hardly alike, but no negatives either. */
const [INVERTED_LIKENESS, INVERTED_DETAILS] = [-0.4, -0.25]
/** Dense layers, which see no neighbours, make noise of 2.7 times the finest pattern of true pictures. */
const CHECKERED_TIMES = 4

/** Looks at a gallery: what is wrong must be so several times in a row. The first of a run only shows where it began. */
export function observeGallery(
  state: HealthState,
  step: number,
  seen: Look,
  classes: readonly string[],
): Observed {
  const now = { ...state, look: seen }
  if (!state.firstImpression) return { state: { ...now, firstImpression: seen.impression }, told: [] }
  const coverages = withCoverage(state.coverages, step, seen)
  const isIdle = !hasMoved(now)
  // What has not begun to learn is all alike, and nothing else is to be said of it.
  const isCollapsed = !isIdle && hasCollapsed(seen)
  const isDropping = !isCollapsed && dropsKinds(coverages, seen)
  return observeAll(
    { ...now, coverages },
    (one) => (seen.isPaired ? { state: one, told: [] } : observeOften(one, 'nothing-learned', isIdle)),
    (one) => observeOften(one, 'collapse', isCollapsed),
    (one) =>
      observeOften(one, 'class-collapse', seen.alike.length > 0 && !isIdle, {
        detail: inWords(seen.alike, classes),
        isHushed: isCollapsed,
      }),
    (one) => observe(one, 'mode-dropping', isDropping, hasCovered(coverages), inWords(seen.missing, classes)),
    (one) => observeOften(one, 'inverted', isInverted(seen)),
    (one) => observeOften(one, 'checkerboard', seen.checkerboard > CHECKERED_TIMES),
  )
}

/** Whether what is made looks otherwise than it did when the run began. */
export function hasMoved({ look, firstImpression }: Pick<HealthState, 'look' | 'firstImpression'>): boolean {
  return (
    look !== null &&
    firstImpression !== null &&
    glanceDifference(look.impression, firstImpression) >= IDLE_MOVE
  )
}

function withCoverage(before: Coverages, step: number, { recall, variety }: Look): Coverages {
  if (recall === null || variety === null) return before
  return step < LONGER * (before.at(-1)?.step ?? 0)
    ? before
    : [...before, { step, recall, variety }].slice(-KEPT_COVERAGES)
}

/**
 * Tells a condition once it was seen in several galleries in a row.
 * @param more.isHushed while something is told that says it all
 */
function observeOften(
  state: HealthState,
  code: NoticeCode,
  isSeen: boolean,
  { detail, isHushed = false }: { detail?: string | undefined; isHushed?: boolean } = {},
): Observed {
  const count = isSeen ? (state.seen[code] ?? 0) + 1 : 0
  const seen = { ...state.seen, [code]: count }
  return observe({ ...state, seen }, code, count >= GALLERIES_IN_A_ROW && !isHushed, count === 0, detail)
}

/** Whether the same is made whatever is given. Grey beginnings are all alike as well: what is nearly the same must be a picture. */
function hasCollapsed({ variety, contrast }: Look): boolean {
  if (variety === null) return false
  return variety < COLLAPSED_VARIETY || (variety < POOR_VARIETY && contrast > FORMED_CONTRAST)
}

/** Whether what is made is formed, covers next to nothing of what is true, and hardly more than a good while ago. */
function dropsKinds(coverages: Coverages, { recall, contrast }: Look): boolean {
  const [first, last] = [coverages[0], coverages.at(-1)]
  if (recall === null || contrast < FORMED_CONTRAST || !first || !last) return false
  return (
    coverages.length === KEPT_COVERAGES &&
    coverages.every((one) => one.recall < LEAST_RECALL) &&
    last.recall < first.recall + RISING_RECALL &&
    last.variety < first.variety + RISING_VARIETY
  )
}

function hasCovered(coverages: Coverages): boolean {
  return (coverages.at(-1)?.recall ?? 0) >= LEAST_RECALL
}

function isInverted({ likeness, likenessOfDetails }: Look): boolean {
  return (likeness ?? 0) < INVERTED_LIKENESS && (likenessOfDetails ?? 0) < INVERTED_DETAILS
}

function inWords(labels: readonly number[], classes: readonly string[]): string | undefined {
  const names = labels.flatMap((label) => classes[label] ?? [])
  return names.length === 0 ? undefined : `Here: ${names.join(', ')}.`
}
