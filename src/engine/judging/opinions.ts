import { join } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { Opinion } from '../../core/judging/events.ts'
import { positionOf, scoreOfLogit, scoreOfMap, thresholdOf } from '../../core/judging/scores.ts'
import { placeFile } from '../imaging/write.ts'
import type { Beside, Pictures } from '../recipes/trainer.ts'
import { encodeForViewing } from '../training/viewing.ts'
import type { OpenJudge } from './openJudge.ts'

/** What a judge gives of one picture: its score, and the scores of its patches, [1,h,w,1], row by row. */
export type Scored = { score: number; map: Pictures }

/**
 * Asks a judge about one picture [1,H,W,C] by itself.
 * @throws Refused `model-not-finite`
 */
export async function askJudge(
  { seat, norm, config, step }: OpenJudge,
  shown: Pictures,
  beside: Beside,
): Promise<Scored> {
  const { data: logits, shape } = await seat.judge(shown, beside, norm)
  const data = logits.map((logit) => scoreOfLogit(seat.ganLoss, logit))
  const score = scoreOfMap(seat.ganLoss, data)
  if (Number.isFinite(score)) return { score, map: { shape, data } }
  throw refuse(
    'model-not-finite',
    `The judge of ${config.run} gives no numbers at step ${step}: its training diverged.`,
    'Choose an earlier saved state (--step).',
  )
}

/** @param means of a critic's scores on pictures whose truth is known */
export function opinionOf(
  { seat: { ganLoss } }: OpenJudge,
  name: string,
  kind: Opinion['kind'],
  { score, map }: Scored,
  means: { real: number; made: number } | null,
): Opinion {
  const threshold = thresholdOf(ganLoss)
  const [, rows, columns] = map.shape
  const [low, high] = extremesOf(map.data)
  return {
    name,
    kind,
    score,
    position: threshold === null && means ? positionOf(score, means) : null,
    verdict: threshold === null ? null : score >= threshold ? 'real' : 'made',
    map: rows * columns > 1 ? { rows, columns, low, high } : null,
  }
}

function extremesOf(values: Float32Array): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)]
  return [low, high]
}

/**
 * Writes the square that a judge saw, and its map over it in greys: black looks made, white looks real; of a critic the least and the
 * largest of this map.
 * @returns where they are; no map where the verdict is one number
 * @throws Refused as `placeFile`
 */
export async function writeSeen(
  output: string,
  stem: string,
  shown: Pictures,
  { map: { data, shape } }: Scored,
  { verdict, map }: Opinion,
): Promise<{ seen: string; heat: string | null }> {
  const seen = join(output, `${stem}.seen.png`)
  await placeFile(seen, await encodeForViewing(shown, { low: -1, high: 1 }))
  if (!map) return { seen, heat: null }
  const heat = join(output, `${stem}.map.png`)
  const range = verdict !== null || map.low === map.high ? { low: 0, high: 1 } : map
  const greys = enlargeNearest({ shape, data }, shown.shape)
  await placeFile(heat, await encodeForViewing(greys, range))
  return { seen, heat }
}

/** Patch by patch, at the size of the square: a patch is wider than its cell, which is the middle of it. */
function enlargeNearest(
  { shape: [, rows, columns], data }: Pictures,
  [, heightPx, widthPx]: Pictures['shape'],
): Pictures {
  const enlarged = new Float32Array(heightPx * widthPx)
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const [row, column] = [Math.floor((y * rows) / heightPx), Math.floor((x * columns) / widthPx)]
      enlarged[y * widthPx + x] = data[row * columns + column] ?? 0
    }
  return { shape: [1, heightPx, widthPx, 1], data: enlarged }
}
