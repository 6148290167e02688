import { setImmediate } from 'node:timers/promises'
import { refuse } from '../../core/errors.ts'
import {
  createSamples,
  largestSample,
  withBitDepth,
  withChannels,
  type Picture,
  type Samples,
} from '../imaging/picture.ts'
import { resizePicture } from '../imaging/resize.ts'
import { mirrorIndex } from '../kernels/mirrorIndex.ts'
import { countParameters } from '../networks/index.ts'
import { composeColours, lightnessOf } from './compose.ts'
import type { OpenModel } from './model.ts'
import { planTiles, type TilePlan } from './tiles.ts'

export type TileProgress = { tile: number; tiles: number }
export type TranslatePictureOptions = {
  memoryMb: number
  signal?: AbortSignal
  /** What the picture is called, for refusals. */
  name?: string
  onTile?: (progress: TileProgress) => void
}

/** Pictures in and out: the one before, which is being written, the one at hand, and the next, which is being read. */
const PICTURES_IN_MEMORY = 3
/** float32 */
const BYTES_A_PARAMETER = 4

/** A rectangle of the picture, mirrored beyond its edges, in the network's range: [tileHeight, tileWidth, C]. */
function readTile(
  picture: Picture,
  plan: TilePlan,
  left: number,
  top: number,
  space: { low: number; high: number },
) {
  const { data, widthPx, heightPx, channels, bitDepth } = picture
  const tileWidth = plan.x.tilePx
  const tileHeight = plan.y.tilePx
  const { low } = space
  const factor = (space.high - low) / largestSample(bitDepth)
  const inside = Math.min(tileWidth, widthPx - left)
  const beyond = Array.from({ length: tileWidth - inside }, (_, x) => mirrorIndex(left + inside + x, widthPx))
  const tile = new Float32Array(tileWidth * tileHeight * channels)
  let to = 0
  for (let y = 0; y < tileHeight; y += 1) {
    const row = mirrorIndex(top + y, heightPx) * widthPx * channels
    const end = row + (left + inside) * channels
    for (let from = row + left * channels; from < end; from += 1, to += 1)
      tile[to] = low + (data[from] as number) * factor
    for (const x of beyond)
      for (let from = row + x * channels; from < row + (x + 1) * channels; from += 1, to += 1)
        tile[to] = low + (data[from] as number) * factor
  }
  return tile
}

/** Rounds values of the network's range to samples; what lies outside is clipped. */
function roundInto(
  out: Samples,
  at: number,
  values: Float32Array,
  space: { low: number; high: number },
  top: number,
) {
  const { low } = space
  const factor = top / (space.high - low)
  for (let index = 0; index < values.length; index += 1) {
    const value = ((values[index] as number) - low) * factor
    // Typed arrays cut off what is behind the point.
    out[at + index] = value <= 0 ? 0 : value >= top ? top : value + 0.5
  }
}

/** Every value `times` times. */
function repeatEach(values: Float32Array, times: number): Float32Array {
  return Float32Array.from(
    { length: values.length * times },
    (_, at) => values[Math.floor(at / times)] as number,
  )
}

/**
 * The rows of the result that tiles are still being blended into. `take` is told the finished ones: their values in the
 * network's range, and how many came before.
 */
function createBand(
  picture: Picture,
  plan: TilePlan,
  model: OpenModel,
  take: (values: Float32Array, at: number) => void,
) {
  const { scale, outputChannels: channels } = model.network
  const widthPx = picture.widthPx * scale
  const heightPx = picture.heightPx * scale
  const rowLength = widthPx * channels
  const band = new Float32Array(plan.y.tilePx * scale * rowLength)
  const sharesX = plan.x.shares.map((shares) => repeatEach(shares, scale * channels))
  return {
    blend(made: Float32Array, column: number, row: number): void {
      const shareX = sharesX[column] as Float32Array
      const shareY = plan.y.shares[row] as Float32Array
      const left = (plan.x.starts[column] as number) * scale
      const tileWidth = plan.x.tilePx * scale
      const samples = Math.min(tileWidth, widthPx - left) * channels
      const rows = Math.min(plan.y.tilePx * scale, heightPx - (plan.y.starts[row] as number) * scale)
      for (let y = 0; y < rows; y += 1) {
        const share = shareY[Math.floor(y / scale)] as number
        if (share === 0) continue
        const from = y * tileWidth * channels
        const to = y * rowLength + left * channels
        for (let at = 0; at < samples; at += 1)
          band[to + at] =
            (band[to + at] as number) + share * (shareX[at] as number) * (made[from + at] as number)
      }
    },
    /** Hands over the rows that no later tile touches, and moves the others up. */
    finishRow(row: number): void {
      const start = (plan.y.starts[row] as number) * scale
      const next = plan.y.starts[row + 1]
      const end = next === undefined ? heightPx : Math.min(heightPx, next * scale)
      const length = (end - start) * rowLength
      take(band.subarray(0, length), start * rowLength)
      band.copyWithin(0, length)
      band.fill(0, band.length - length)
    },
  }
}

function refuseUnlessFinite(made: Float32Array, name: string): void {
  // A sum is finite only if all its terms are. Two sums at once: each term would wait for the one before.
  let [even, odd] = [0, 0]
  for (let index = 0; index < made.length; index += 2) {
    even += made[index] as number
    odd += made[index + 1] ?? 0
  }
  if (Number.isFinite(even + odd)) return
  throw refuse(
    'model-not-finite',
    `The model gives no numbers for ${name}: its weights are broken, or its training diverged.`,
    'Use an earlier saved state of the run, or another model.',
  )
}

function outOfMemory(error: unknown, name: string, memoryMb: number): unknown {
  const said = error instanceof Error ? error.message : ''
  if (!/OOM|ResourceExhausted|resource exhausted|allocation failed|bad_alloc/i.test(said)) return error
  return refuse(
    'out-of-memory',
    `There was not enough memory for ${name}.`,
    `Lower the memory for translating (now ${memoryMb} MB), or close other programs.`,
  )
}

/** The result with what the original carried: alpha at the new size, metadata, grey where only sharpness was changed. */
async function finish(original: Picture, sent: Picture, out: Samples, model: OpenModel, bitDepth: 8 | 16) {
  const { scale } = model.network
  const { task, output } = model.header
  const { channels } = output
  const widthPx = original.widthPx * scale
  const heightPx = original.heightPx * scale
  const colourSpace =
    channels === 1 ? 'grey' : channels === 3 && output.colourSpace !== 'data' ? 'srgb' : 'data'
  const isSameSpace = channels === sent.channels
  const metadata = { ...sent.metadata, icc: isSameSpace ? sent.metadata.icc : null }
  const made: Picture = {
    data: out,
    widthPx,
    heightPx,
    channels,
    bitDepth,
    alpha: null,
    colourSpace,
    metadata,
  }
  const isGreyAgain = (task === 'enlarge' || task === 'restore') && original.channels === 1 && channels === 3
  const result = isGreyAgain ? { ...withChannels(made, 1, 'The result'), metadata: original.metadata } : made
  if (!original.alpha) return result
  const plane: Picture = { ...original, data: original.alpha, alpha: null, channels: 1, colourSpace: 'grey' }
  const { data } = withBitDepth(await resizePicture(plane, widthPx, heightPx), bitDepth)
  return { ...result, alpha: data }
}

/**
 * Sends a picture through a model tile by tile, telling after each. Memory: the tile's forward pass (measured bytes per
 * pixel), the weights, the band being blended, and the pictures themselves stay under `memoryMb`; the engine's own few hundred MB come
 * on top. Tiles overlap by the network's context and are feathered into each other; the picture is mirrored to the
 * multiple that the network needs, and the result cut back, so its size is the picture's (times the model's scale).
 * Norms see the tile that they are computed on. Where the header says `compose`, the network sees the picture's lightness
 * at its `workingSidePx`, and its colours are put on the lightness of the original at its full size and depth.
 */
export async function* translateInTiles(
  model: OpenModel,
  picture: Picture,
  options: Omit<TranslatePictureOptions, 'onTile'>,
): AsyncGenerator<TileProgress, Picture> {
  const { network, header } = model
  const { signal, name = 'The picture' } = options
  const bitDepth = picture.bitDepth === 16 || header.output.bitDepth === 16 ? 16 : 8
  const outSamples = picture.widthPx * picture.heightPx * network.scale ** 2 * header.output.channels
  const outBytes = outSamples * (bitDepth / 8)
  if (header.compose) {
    const sent = await lightnessOf(picture, header.workingSidePx, name)
    const { widthPx, heightPx } = sent
    const chroma = { data: new Float32Array(widthPx * heightPx * 2), widthPx, heightPx, channels: 2 }
    const take = (values: Float32Array, at: number) => {
      chroma.data.set(values, at)
    }
    yield* runTiles(model, sent, take, { ...options, name, keptBytes: picture.data.byteLength + outBytes })
    const out = await composeColours(picture, chroma, bitDepth, signal)
    return finish(picture, sent, out, model, bitDepth)
  }
  const sent = withChannels(picture, network.inputChannels, name)
  const out: Samples = createSamples(outSamples, bitDepth)
  const take = (values: Float32Array, at: number) => {
    roundInto(out, at, values, header.output, largestSample(bitDepth))
  }
  yield* runTiles(model, sent, take, { ...options, name, keptBytes: sent.data.byteLength + outBytes })
  return finish(picture, sent, out, model, bitDepth)
}

type TileWork = { memoryMb: number; signal?: AbortSignal; name: string; keptBytes: number }

/** @param keptBytes held for each picture in memory while tiles are computed */
async function* runTiles(
  model: OpenModel,
  sent: Picture,
  take: (values: Float32Array, at: number) => void,
  { memoryMb, signal, name, keptBytes }: TileWork,
): AsyncGenerator<TileProgress> {
  const { network, header } = model
  const plan = planTiles(sent.widthPx, sent.heightPx, {
    multipleOf: network.multipleOf,
    context: network.context,
    scale: network.scale,
    outputChannels: network.outputChannels,
    bytesPerPx: await model.bytesPerPx(),
    budgetBytes:
      memoryMb * 1e6 - BYTES_A_PARAMETER * countParameters(network) - PICTURES_IN_MEMORY * keptBytes,
  })
  const band = createBand(sent, plan, model, take)
  const tiles = listTiles(plan)
  const start = ({ left, top }: Tile) => {
    const made = runTile(model, readTile(sent, plan, left, top, header.input), plan, name, memoryMb)
    made.catch(() => undefined)
    return made
  }
  // TensorFlow computes a tile on its own threads; here the one after it is read and the one before it is blended.
  let running = tiles[0] && start(tiles[0])
  try {
    for (const [index, { column, row, isLast }] of tiles.entries()) {
      const made = await (running as Promise<Float32Array>)
      const following = tiles[index + 1]
      running = undefined
      // A turn of the event loop: cancelling arrives, and the next picture is read meanwhile.
      await setImmediate()
      signal?.throwIfAborted()
      refuseUnlessFinite(made, name)
      running = following && start(following)
      band.blend(made, column, row)
      if (isLast) band.finishRow(row)
      yield { tile: index + 1, tiles: tiles.length }
    }
  } finally {
    // Weights must stay until TensorFlow is done with them.
    await running?.catch(() => undefined)
  }
}

type Tile = { column: number; row: number; left: number; top: number; isLast: boolean }

/** In the order of reading; `isLast` of each row. */
function listTiles({ x, y }: TilePlan): Tile[] {
  return y.starts.flatMap((top, row) =>
    x.starts.map((left, column) => ({ column, row, left, top, isLast: column === x.starts.length - 1 })),
  )
}

async function runTile(
  model: OpenModel,
  samples: Float32Array,
  plan: TilePlan,
  name: string,
  memoryMb: number,
) {
  try {
    return await model.run(samples, plan.y.tilePx, plan.x.tilePx)
  } catch (error) {
    throw outOfMemory(error, name, memoryMb)
  }
}

/**
 * The same in one call.
 * @throws Refused `channels-unlike`, `model-not-finite`, `out-of-memory`; the signal's reason when it is aborted
 */
export async function translatePicture(
  model: OpenModel,
  picture: Picture,
  options: TranslatePictureOptions,
): Promise<Picture> {
  const work = translateInTiles(model, picture, options)
  for (;;) {
    const step = await work.next()
    if (step.done) return step.value
    options.onTile?.(step.value)
  }
}
