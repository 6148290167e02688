import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { refuse, Refused } from '../../core/errors.ts'
import type { Measurement } from '../../core/evaluation/events.ts'
import type { MetricId } from '../../core/evaluation/metrics.ts'
import { countInWords } from '../../core/words.ts'
import { openBackend } from '../backends/index.ts'
import { finding, type Finding } from '../datasets/reader.ts'
import { listFolder } from '../imaging/list.ts'
import { withChannels, type Picture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { createClock } from '../inference/clock.ts'
import type { Plane } from './metrics.ts'
import { createNetworks, type Networks } from './networks.ts'
import { planeOfPicture } from './planes.ts'
import { createFeatureHeap, createScoring, sourcesOf } from './scoring.ts'
import { usualMetrics } from './works.ts'

export type FolderRequest = {
  made: string
  real: string
  /** All that need no imported weights when left out. */
  metrics?: readonly MetricId[]
  /** The file of Inception weights that metrics on published features rest on. */
  inception?: string
}
export type FolderEvent =
  | { type: 'evaluation-progress'; done: number; total: number; secondsLeft: number | null }
  | { type: 'finding'; finding: Finding }
  /** `pairs`: pictures that were compared with one of the same name. */
  | { type: 'folders-evaluated'; made: number; real: number; pairs: number; measurements: Measurement[] }

/** What two pictures must share to be a pair: place and name without extension, letters composed, capitals ignored. */
function keyOf(relative: string): string {
  return relative
    .replace(/\.[^./]+$/, '')
    .normalize('NFC')
    .toLowerCase()
}

/** @throws Refused `usage` where there is no such folder, or no picture in it */
async function listPlaces(folder: string, flag: string): Promise<Map<string, string>> {
  const root = resolve(folder)
  if (!(await stat(root).catch(() => null))?.isDirectory())
    throw refuse('usage', `${flag} ${root} is no folder.`, 'Give a folder of pictures.')
  const relatives = await listFolder(root)
  if (relatives.length === 0)
    throw refuse('usage', `There is no picture in ${root}.`, 'Give a folder that holds pictures.')
  // Of two that differ in their extension only the first counts.
  const places = new Map<string, string>()
  for (const relative of relatives)
    if (!places.has(keyOf(relative))) places.set(keyOf(relative), join(root, relative))
  return places
}

/** One picture to look at: made with its partner, made alone, or real alone. */
type Place = { made: string | null; real: string | null }
type Opened = { made: Picture | null; real: Picture | null; findings: Finding[] }

function planPlaces(made: ReadonlyMap<string, string>, real: ReadonlyMap<string, string>): Place[] {
  const ofMade = [...made].map(([key, path]) => ({ made: path, real: real.get(key) ?? null }))
  const others = [...real].filter(([key]) => !made.has(key))
  return [...ofMade, ...others.map(([, path]) => ({ made: null, real: path }))]
}

async function openOne(path: string | null, findings: Finding[]): Promise<Picture | null> {
  if (path === null) return null
  try {
    return await readPicture(path)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { code, message, remedy } = error.refusal
    findings.push(finding('warning', code, `${message} It is left out.`, remedy, path))
    return null
  }
}

async function open(place: Place): Promise<Opened> {
  const findings: Finding[] = []
  const [made, real] = await Promise.all([openOne(place.made, findings), openOne(place.real, findings)])
  return { made, real, findings }
}

/** One is read while the one before it is being measured. */
async function* readAhead(
  places: readonly Place[],
  signal: AbortSignal,
): AsyncGenerator<Opened & { place: Place }> {
  let coming = places[0] && open(places[0])
  for (const [index, place] of places.entries()) {
    // A turn of the event loop: a request to stop arrives.
    await setImmediate()
    signal.throwIfAborted()
    const opened = await (coming as Promise<Opened>)
    const following = places[index + 1]
    coming = following && open(following)
    coming?.catch(() => undefined)
    yield { ...opened, place }
  }
}

/** What keeps two pictures of the same name from being compared, if anything does. */
function unlike(made: Picture, real: Picture, path: string): Finding | null {
  const name = basename(path)
  if (made.widthPx !== real.widthPx || made.heightPx !== real.heightPx)
    return finding(
      'warning',
      'sizes-differ',
      `${name} was made at ${made.widthPx}x${made.heightPx} px and is really ${real.widthPx}x${real.heightPx} px, so the two are not compared.`,
      'Make it at the size of the real one.',
      path,
    )
  if (made.channels === real.channels || made.channels + real.channels === 4) return null
  return finding(
    'warning',
    'channels-unlike',
    `${name} was made with ${made.channels} channels and has really ${real.channels}, so the two are not compared.`,
    'Make it with the channels of the real one.',
    path,
  )
}

/** Grey beside colour is repeated. */
function inChannels(picture: Picture, other: Picture, path: string): Plane {
  return planeOfPicture(withChannels(picture, Math.max(picture.channels, other.channels), basename(path)))
}

/** How many pictures have no partner, where others have one: those count among the sets alone. */
function unmatched(places: readonly Place[]): Finding[] {
  const alone = places.filter(({ made, real }) => made === null || real === null).length
  if (alone === 0 || alone === places.length) return []
  return [
    finding(
      'note',
      'unmatched',
      `${countInWords(alone, 'picture')} of ${places.length} have no partner of the same name in the other folder.`,
      'They count where the folders are compared as a whole, not where pictures are compared one by one.',
    ),
  ]
}

/**
 * Scores a folder of made pictures against a folder of real ones. Pictures of the same place and name are compared one by
 * one; all of them, as two sets. What cannot be read or compared is named and left out.
 * @throws Refused `usage` where a folder is missing or empty; the signal's reason
 */
export async function* evaluateFolders(
  request: FolderRequest,
  signal: AbortSignal,
): AsyncGenerator<FolderEvent> {
  const { metrics = usualMetrics } = request
  const places = planPlaces(
    await listPlaces(request.made, '--made'),
    await listPlaces(request.real, '--real'),
  )
  for (const found of unmatched(places)) yield { type: 'finding', finding: found }
  await openBackend()
  const networks = createNetworks(request.inception)
  try {
    yield* scorePlaces(places, metrics, networks, signal)
  } finally {
    networks.dispose()
  }
}

async function* scorePlaces(
  places: readonly Place[],
  metrics: readonly MetricId[],
  networks: Networks,
  signal: AbortSignal,
): AsyncGenerator<FolderEvent> {
  const scoring = await createScoring(metrics, networks)
  const reals = createFeatureHeap(sourcesOf(metrics), networks)
  const clock = createClock(places.length)
  const counts = { made: 0, real: 0, pairs: 0 }
  let done = 0
  for await (const { made, real, findings, place } of readAhead(places, signal)) {
    const path = place.made ?? place.real ?? ''
    const why = made && real ? unlike(made, real, path) : null
    for (const found of why ? [...findings, why] : findings) yield { type: 'finding', finding: found }
    if (made && real && !why) {
      await scoring.add(inChannels(made, real, path), inChannels(real, made, path))
      counts.pairs += 1
    } else if (made) await scoring.add(planeOfPicture(made), null)
    if (real) await reals.add(planeOfPicture(real))
    counts.made += made ? 1 : 0
    counts.real += real ? 1 : 0
    done += 1
    yield { type: 'evaluation-progress', done, total: places.length, secondsLeft: clock.left(done) }
  }
  yield { type: 'folders-evaluated', ...counts, measurements: await scoring.measure(reals) }
}
