import { z } from 'zod'
import { readPicture } from '../imaging/read.ts'
import { createAlbum, glanceAt } from './alike.ts'
import type { Memo } from './memo.ts'
import type { PartProgress } from './part.ts'

/** Of one made picture: its nearest real one, by its place among them, and the mean difference of brightness over a coarse grid. */
export type Neighbour = { real: number; difference: number }

/** Pictures whose neighbours are kept together. */
const CHUNK = 64

const rowSchema = z.array(z.tuple([z.number().int(), z.number()]))

/**
 * The nearest real picture of every made one, by the measure that leaves near-duplicates out.
 * @param real at least one
 * @throws Refused as `readPicture`; the signal's reason
 */
export async function* findNeighbours(
  made: readonly string[],
  real: readonly string[],
  memo: Memo,
  signal: AbortSignal,
): AsyncGenerator<PartProgress, Neighbour[]> {
  const total = made.length + real.length
  const album = createAlbum()
  for (const [index, path] of real.entries()) {
    signal.throwIfAborted()
    album.add(await glanceAt(await readPicture(path)))
    if ((index + 1) % CHUNK === 0) yield { part: 'neighbours', done: index + 1, total }
  }
  const nearest = async (path: string): Promise<[number, number]> => {
    const { index, difference } = album.nearest(await glanceAt(await readPicture(path)))
    return [index, difference]
  }
  const found: Neighbour[] = []
  for (let first = 0; first < made.length; first += CHUNK) {
    signal.throwIfAborted()
    const row = await memo.recall(`neighbours ${first}`, rowSchema, async () => {
      const pairs: [number, number][] = []
      for (const path of made.slice(first, first + CHUNK)) pairs.push(await nearest(path))
      return pairs
    })
    found.push(...row.map(([index, difference]) => ({ real: index, difference })))
    yield { part: 'neighbours', done: real.length + found.length, total }
  }
  return found
}
