import { join } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { writePicture } from '../imaging/write.ts'
import { createAlbum, glanceAt, type Album } from './alike.ts'
import type { Doubt } from './doubt.ts'
import type { GenerationEvent } from './generateSet.ts'
import { addLine, type LedgerLine } from './ledger.ts'
import type { Maker } from './maker.ts'
import type { Wanted } from './plan.ts'

/** After so many pictures in a row that are like others the model has no more to give. */
const MOST_ATTEMPTS = 50
/** With the largest share left out, so many doubts in a row do not happen by chance. */
const MOST_DOUBTS = 1000

type Reason = 'alike' | 'known'

/** Keeps pictures apart from one another and from real ones. */
export type Apart = {
  /** Why a picture is left out; if it is not, it is remembered. */
  likeness(picture: Picture, wanted: Wanted): Promise<Reason | null>
  /** Remembers a picture that is kept. */
  remember(picture: Picture, wanted: Wanted): Promise<void>
}

/** Results of one source picture may be alike: they are compared with those of others. */
export function createApart(real: Album | null, least: number): Apart {
  const own = createAlbum()
  let waiting: { source: number; glances: Float32Array[] } = { source: -1, glances: [] }
  const enter = (glance: Float32Array, { source }: Wanted) => {
    if (source === null) return own.add(glance)
    waiting.glances.push(glance)
  }
  const turnTo = ({ source }: Wanted) => {
    if (source === null || source.index === waiting.source) return
    for (const glance of waiting.glances) own.add(glance)
    waiting = { source: source.index, glances: [] }
  }
  return {
    async likeness(picture, wanted) {
      if (least === 0) return null
      turnTo(wanted)
      const glance = await glanceAt(picture)
      if (real && real.nearest(glance, least).index >= 0) return 'known'
      if (own.nearest(glance, least).index >= 0) return 'alike'
      enter(glance, wanted)
      return null
    },
    async remember(picture, wanted) {
      if (least === 0) return
      turnTo(wanted)
      enter(await glanceAt(picture), wanted)
    },
  }
}

export type Filling = { maker: Maker; lines: LedgerLine[]; apart: Apart; doubt: Doubt | null; output: string }

/** Remembers what an earlier call has made. */
export async function rememberKept({ maker, lines, apart, output }: Omit<Filling, 'doubt'>): Promise<void> {
  for (const { slot, isLeftOut } of lines) {
    const wanted = maker.wanted[slot] as Wanted
    if (!isLeftOut) await apart.remember(await readPicture(join(output, wanted.place)), wanted)
  }
}

/** Makes what is missing, in order. */
export async function* fill(filling: Filling, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
  const { maker, lines, output } = filling
  const { wanted, labels } = maker
  const startedAt = performance.now()
  const before = lines.length
  while (lines.length < wanted.length && !signal.aborted) {
    const slots = wanted
      .slice(lines.length, lines.length + maker.batch)
      .map((_, index) => lines.length + index)
    const firsts = await made(maker, slots, signal)
    for (const [index, slot] of slots.entries()) {
      if (signal.aborted || !firsts) return
      const settled = await settle(filling, slot, firsts[index] as Picture, signal)
      if (!settled) return
      const { picture, line } = settled
      const { place, label } = wanted[slot] as Wanted
      if (!line.isLeftOut) await writePicture(join(output, place), picture, { format: 'png' })
      await addLine(output, line)
      lines.push(line)
      if (line.isLeftOut) continue
      const perPicture = (performance.now() - startedAt) / (lines.length - before)
      yield {
        type: 'generated',
        index: slot,
        total: wanted.length,
        output: { path: join(output, place) },
        label: label === null ? null : (labels[label] ?? null),
        secondsLeft: (perPicture * (wanted.length - lines.length)) / 1000,
      }
    }
  }
}

/** Null where it was stopped on the way. */
async function made(maker: Maker, slots: readonly number[], signal: AbortSignal): Promise<Picture[] | null> {
  try {
    return await maker.make(slots, 0)
  } catch (error) {
    if (signal.aborted) return null
    throw error
  }
}

/**
 * The first picture of a slot that is like no other and not among the worst; where the slot has but one, whether it is left out. Null
 * where it was stopped on the way.
 */
async function settle(
  { maker, apart, doubt }: Filling,
  slot: number,
  first: Picture,
  signal: AbortSignal,
): Promise<{ picture: Picture; line: LedgerLine } | null> {
  const line: LedgerLine = { slot, attempt: 0, alike: 0, known: 0, doubted: 0, score: null, isLeftOut: false }
  for (let picture = first; ;) {
    const wanted = maker.wanted[slot] as Wanted
    const verdict = doubt && (await doubt.of(picture, wanted.label))
    const reason = verdict?.isDoubted ? 'doubted' : await apart.likeness(picture, wanted)
    if (reason === null) return { picture, line: { ...line, score: verdict?.score ?? null } }
    line[reason] += 1
    if (!maker.hasMore) return { picture, line: { ...line, isLeftOut: true } }
    line.attempt += 1
    checkPatience(line)
    if (signal.aborted) return null
    const [next] = await maker.make([slot], line.attempt)
    picture = next as Picture
  }
}

/** @throws Refused `generation-exhausted` */
function checkPatience({ alike, known, doubted }: LedgerLine): void {
  if (alike + known > MOST_ATTEMPTS)
    throw refuse(
      'generation-exhausted',
      `${MOST_ATTEMPTS} pictures in a row were like others: the model makes too few different ones.`,
      'Ask for fewer pictures, lower the least difference (--least-difference), or train longer.',
    )
  if (doubted > MOST_DOUBTS)
    throw refuse(
      'generation-exhausted',
      `The judge took ${MOST_DOUBTS} pictures in a row for worse than the trial pictures.`,
      'Leave a smaller share out (--drop-lowest).',
    )
}
