import { setImmediate } from 'node:timers/promises'
import { type Refused, refuse } from '../../core/errors.ts'
import type { Tensor } from '../backends/tf.ts'
import { createSamples, withBitDepth, withChannels, type Picture, type Samples } from '../imaging/picture.ts'
import { resizePicture } from '../imaging/resize.ts'
import { countParameters } from '../networks/index.ts'
import { createBand } from './band.ts'
import { composeColours, lightnessOf } from './compose.ts'
import { mapped } from './mapped.ts'
import type { OpenModel } from './model.ts'
import { planTiles, type TilePlan } from './tiles.ts'
import { readTile, roundSamples } from './tileSamples.ts'

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
/** float32, and bfloat16 beside it where that is computed in. */
const BYTES_A_PARAMETER = 6

function notFinite(name: string): Refused {
  return refuse(
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
  const sent = withChannels(picture, header.input.channels, name)
  const out: Samples = createSamples(outSamples, bitDepth)
  const take = (values: Float32Array, at: number) => {
    roundSamples(values, header.output, out, at)
  }
  yield* runTiles(model, sent, take, { ...options, name, keptBytes: sent.data.byteLength + outBytes })
  return finish(picture, sent, out, model, bitDepth)
}

type TileWork = { memoryMb: number; signal?: AbortSignal; name: string; keptBytes: number }

/**
 * How a picture is cut for a network under a memory budget.
 * @param keptBytes held for each picture in memory while tiles are computed
 */
export async function planFor(
  model: OpenModel,
  { widthPx, heightPx }: Pick<Picture, 'widthPx' | 'heightPx'>,
  { memoryMb, keptBytes }: Pick<TileWork, 'memoryMb' | 'keptBytes'>,
): Promise<TilePlan> {
  const { network } = model
  return planTiles(widthPx, heightPx, {
    multipleOf: network.multipleOf,
    context: network.context,
    scale: network.scale,
    outputChannels: network.outputChannels,
    // One tile is read while another is computed.
    bytesPerPx: (await model.bytesPerPx()) + Float32Array.BYTES_PER_ELEMENT * network.inputChannels,
    isLocal: isLocal(model),
    budgetBytes:
      memoryMb * 1e6 - BYTES_A_PARAMETER * countParameters(network) - PICTURES_IN_MEMORY * keptBytes,
  })
}

async function* runTiles(
  model: OpenModel,
  sent: Picture,
  take: (values: Float32Array, at: number) => void,
  work: TileWork,
): AsyncGenerator<TileProgress> {
  const plan = await planFor(model, sent, work)
  const { widthPx, heightPx } = sent
  const { scale, outputChannels } = model.network
  const band = createBand({ widthPx, heightPx, scale, channels: outputChannels }, plan, take)
  const tiles = listTiles(plan)
  let done = 0
  for await (const made of computeTiles(model, sent, plan, tiles, work)) {
    const { column, row, isLast } = tiles[done] as Tile
    blendOrRefuse(() => band.blend(made, column, row), made, work.name)
    if (isLast) band.finishRow(row)
    done += 1
    yield { tile: done, tiles: tiles.length }
  }
}

/** Norms that are taken of a tile see all of it; a U-Net's innermost layers do, too. */
function isLocal({ network, header }: OpenModel): boolean {
  const { norm } = network.options as { norm?: string }
  return (
    norm !== 'instance' &&
    (norm !== 'batch' || header.norm === 'running') &&
    !network.architecture.startsWith('unet')
  )
}

/** Blends and frees a result. */
function blendOrRefuse(blend: () => boolean, made: Tensor, name: string): void {
  try {
    if (!blend()) throw notFinite(name)
  } finally {
    made.dispose()
  }
}

/** The network's results, tile after tile. TensorFlow computes on its own threads: while a result is used, the next is being made. */
async function* computeTiles(
  model: OpenModel,
  sent: Picture,
  plan: TilePlan,
  tiles: readonly Tile[],
  { memoryMb, signal, name }: TileWork,
): AsyncGenerator<Tensor> {
  const size = { widthPx: plan.x.tilePx, heightPx: plan.y.tilePx }
  // One is read by TensorFlow where it lies while the next is filled.
  const buffers = tiles.slice(0, 2).map(() => new Float32Array(size.widthPx * size.heightPx * sent.channels))
  const bufferOf = (index: number) => buffers[index % 2] as Float32Array
  const read = (index: number) => {
    const tile = tiles[index]
    if (tile) readTile(sent, { ...tile, ...size }, model.header.input, bufferOf(index))
  }
  const start = (index: number) => {
    const made = runTile(model, bufferOf(index), plan, name, memoryMb)
    made.catch(() => undefined)
    return made
  }
  read(0)
  let running: Promise<Tensor> | undefined = start(0)
  try {
    for (let index = 0; running; index += 1) {
      read(index + 1)
      const made: Tensor = await running
      running = undefined
      // A turn of the event loop: cancelling arrives, and the next picture is read meanwhile.
      await setImmediate()
      if (!signal?.aborted && index + 1 < tiles.length) running = start(index + 1)
      yield made
      signal?.throwIfAborted()
    }
  } finally {
    // Weights must stay until TensorFlow is done with them.
    await running?.then(
      (made) => made.dispose(),
      () => undefined,
    )
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
    return await model.compute(samples, plan.y.tilePx, plan.x.tilePx)
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
  const work = mapped(translateInTiles(model, picture, options), (progress) => {
    options.onTile?.(progress)
    return []
  })
  const { value } = await work.next()
  return value
}
