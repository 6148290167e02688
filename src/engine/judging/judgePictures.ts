import { setImmediate } from 'node:timers/promises'
import type { z } from 'zod'
import { Refused } from '../../core/errors.ts'
import type { fileOnDisk } from '../../core/files.ts'
import type { judgingEventSchema, Opinion } from '../../core/judging/events.ts'
import {
  accuracyOf,
  areaUnderCurve,
  distributionOf,
  meanOf,
  rangeOf,
  thresholdOf,
} from '../../core/judging/scores.ts'
import type { HoldoutSplit } from '../evaluation/holdout.ts'
import { createClock } from '../inference/clock.ts'
import { fileNameOf } from '../training/gallery.ts'
import { labelFor, listAsked, readAsked, type Asked, type AskedRequest } from './asked.ts'
import { openJudge, type JudgeRequest, type OpenJudge } from './openJudge.ts'
import { askJudge, opinionOf, writeSeen } from './opinions.ts'
import { openReferences, type References } from './references.ts'

export type JudgingEvent = z.infer<ReturnType<typeof judgingEventSchema<typeof fileOnDisk>>>
export type JudgingRequest = JudgeRequest &
  AskedRequest & {
    /** Which held-out pictures a judge is measured by. */
    split: HoldoutSplit
    /** Where squares and maps go; nowhere when left out. */
    output?: string
  }

type Scores = Record<Opinion['kind'], number[]>
type Judging = {
  judge: OpenJudge
  request: JudgingRequest
  scores: Scores
  failed: number
  tick(): JudgingEvent
  signal: AbortSignal
}

/**
 * Asks the judge of a run about pictures; of none, about the run's held-out pictures and as many that its generator makes, which
 * shows how well it tells them apart. A critic (WGAN) has no threshold, so it is always asked about those first: what it says of a
 * picture is told against the means of both. Each picture is judged by itself. The last event is `judged`.
 * @throws Refused as `openJudge`, `listAsked`, `labelFor` and `openReferences`; the signal's reason
 */
export async function* judgePictures(
  request: JudgingRequest,
  signal: AbortSignal,
): AsyncGenerator<JudgingEvent> {
  const judge = await openJudge(request)
  try {
    const isAsked = request.pictures.length > 0
    const label = isAsked ? labelFor(judge, request.label) : undefined
    const asked = isAsked ? await listAsked(request, judge) : []
    const isMeasured = !isAsked || thresholdOf(judge.seat.ganLoss) === null
    const references = isMeasured
      ? await openReferences(judge, request.projectFolder, request.split, signal)
      : null
    const tick = createTicker(asked.length + (references?.total ?? 0))
    const judging: Judging = {
      judge,
      request,
      scores: { asked: [], real: [], made: [] },
      failed: 0,
      tick,
      signal,
    }
    if (references) yield* measure(judging, references)
    yield* askAll(judging, asked, label)
    yield summaryOf(judging)
  } finally {
    judge.dispose()
  }
}

function createTicker(total: number): () => JudgingEvent {
  const clock = createClock(total)
  let done = 0
  return () => {
    done += 1
    return { type: 'judging-progress', done, total, secondsLeft: clock.left(done) }
  }
}

async function* measure(judging: Judging, references: References): AsyncGenerator<JudgingEvent> {
  const { judge, scores, tick, signal } = judging
  for await (const { name, kind, shown, beside } of references.read(signal)) {
    signal.throwIfAborted()
    const scored = await askJudge(judge, shown, beside)
    scores[kind].push(scored.score)
    yield { type: 'opinion', ...opinionOf(judge, name, kind, scored, null), seen: null, heat: null }
    yield tick()
    // A turn of the event loop: a request to stop arrives.
    await setImmediate()
  }
}

async function* askAll(
  judging: Judging,
  asked: readonly Asked[],
  label: number | undefined,
): AsyncGenerator<JudgingEvent> {
  for (const [index, one] of asked.entries()) {
    judging.signal.throwIfAborted()
    try {
      yield await askAbout(judging, one, index, label)
    } catch (error) {
      // What keeps one picture from being judged need not keep the others.
      if (!(error instanceof Refused) || ofAll.has(error.refusal.code)) throw error
      judging.failed += 1
      yield { type: 'picture-failed', name: one.name, refusal: error.refusal }
    }
    yield judging.tick()
    await setImmediate()
  }
}

/** The refusals that every other picture would meet, too. */
const ofAll = new Set(['model-not-finite', 'disk-full', 'write-forbidden', 'not-a-folder'])

async function askAbout(
  { judge, request, scores }: Judging,
  one: Asked,
  index: number,
  label: number | undefined,
): Promise<JudgingEvent> {
  const { shown, beside } = await readAsked(one, judge)
  const scored = await askJudge(judge, shown, { ...beside, ...(label !== undefined && { label }) })
  const means = scores.real.length > 0 ? { real: meanOf(scores.real), made: meanOf(scores.made) } : null
  const opinion = opinionOf(judge, one.name, 'asked', scored, means)
  const { output } = request
  const stem = fileNameOf(index, one.name.replace(/\.[^./]+$/, ''))
  const written = output === undefined ? null : await writeSeen(output, stem, shown, scored, opinion)
  scores.asked.push(scored.score)
  const fileOf = (path: string | null | undefined) => (path ? { path } : null)
  return { type: 'opinion', ...opinion, seen: fileOf(written?.seen), heat: fileOf(written?.heat) }
}

function summaryOf({ judge, scores, failed }: Judging): JudgingEvent {
  const { seat, config, step } = judge
  const { asked, real, made } = scores
  const threshold = thresholdOf(seat.ganLoss)
  const range = rangeOf(seat.ganLoss, [...asked, ...real, ...made])
  const of = (values: readonly number[]) => distributionOf(values, threshold, range)
  return {
    type: 'judged',
    run: config.run,
    step,
    judge: seat.id,
    ganLoss: seat.ganLoss,
    threshold,
    range,
    asked: of(asked),
    real: of(real),
    made: of(made),
    accuracy: accuracyOf(of(real), of(made)),
    area: areaUnderCurve(real, made),
    told: seat.told,
    classes: [...judge.classes],
    failed,
  }
}
