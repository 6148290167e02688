/** One axis of a picture cut into overlapping tiles of equal length. */
export type AxisPlan = {
  /** First pixel of each tile; the last tile ends where the padded axis ends. */
  starts: number[]
  tilePx: number
  /** For each tile, the share of every one of its pixels in the result. At every pixel the shares of all tiles sum to 1. */
  shares: Float32Array[]
}

export type TilePlan = { x: AxisPlan; y: AxisPlan; tiles: number }

export type TileNeeds = {
  /** Sides must be multiples of this. */
  multipleOf: number
  /** Pixels at a tile's rim that see too little of their surroundings to be used. */
  context: number
  scale: number
  outputChannels: number
  /** What a forward pass holds at its peak, per input pixel. */
  bytesPerPx: number
  budgetBytes: number
  /** Whether the network makes the same of a pixel whatever the tile around its context: then tiles need not be as large as they may. */
  isLocal: boolean
}

/** Larger tiles gain little in quality and make cancelling and progress coarse. */
const LARGEST_TILE_PX = 1024
/** Tiles that start off the network's grid would see another phase of its strides; beyond this it makes no difference. */
const COARSEST_GRID_PX = 32

/** As many tiles as are needed need not be larger than this makes them; in steps, since every size of tile is recorded once. */
const EVEN_STEP_PX = 64

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}

function featherOf(context: number): number {
  return Math.min(32, Math.max(16, context))
}

/** Cubic smoothstep, 0 below 0 and 1 above 1. */
function smooth(t: number): number {
  const x = Math.min(1, Math.max(0, t))
  return x * x * (3 - 2 * x)
}

/**
 * A tile's rim of `context` pixels is not used at all, then its share rises over the feather; at the picture's own edge
 * there is neither.
 */
function sharesOf(starts: readonly number[], tilePx: number, context: number): Float32Array[] {
  const feather = featherOf(context)
  const total = (starts.at(-1) ?? 0) + tilePx
  const sums = new Float32Array(total)
  const shares = starts.map((start, index) => {
    const share = new Float32Array(tilePx)
    for (let at = 0; at < tilePx; at += 1) {
      const rise = index === 0 ? 1 : smooth((at + 0.5 - context) / feather)
      const fall = index === starts.length - 1 ? 1 : smooth((tilePx - at - 0.5 - context) / feather)
      share[at] = rise * fall
      sums[start + at] = (sums[start + at] as number) + rise * fall
    }
    return share
  })
  shares.forEach((share, index) => {
    const start = starts[index] ?? 0
    for (let at = 0; at < tilePx; at += 1) share[at] = (share[at] as number) / (sums[start + at] as number)
  })
  return shares
}

/** @param paddedPx a multiple of `multipleOf` @param tilePx the most that a tile may have */
export function planAxis(
  paddedPx: number,
  tilePx: number,
  { multipleOf, context, isLocal }: Pick<TileNeeds, 'multipleOf' | 'context' | 'isLocal'>,
): AxisPlan {
  if (tilePx >= paddedPx) return { starts: [0], tilePx: paddedPx, shares: sharesOf([0], paddedPx, context) }
  const grid = Math.min(multipleOf, COARSEST_GRID_PX)
  const overlap = 2 * context + featherOf(context) + grid
  const count = Math.ceil((paddedPx - tilePx) / (tilePx - overlap)) + 1
  const step = roundUp(EVEN_STEP_PX, multipleOf)
  const evenPx = roundUp((paddedPx + (count - 1) * overlap) / count, step)
  const sidePx = isLocal ? Math.min(tilePx, evenPx) : tilePx
  const starts = Array.from({ length: count }, (_, index) =>
    index === count - 1
      ? paddedPx - sidePx
      : Math.round((index * (paddedPx - sidePx)) / (count - 1) / grid) * grid,
  )
  return { starts, tilePx: sidePx, shares: sharesOf(starts, sidePx, context) }
}

/** Bytes that one tile needs: the forward pass, and the band of the result that its row is blended into. */
function bytesFor(
  tile: { widthPx: number; heightPx: number },
  paddedWidthPx: number,
  needs: TileNeeds,
): number {
  const band = tile.heightPx * needs.scale * paddedWidthPx * needs.scale * needs.outputChannels * 4
  return tile.widthPx * tile.heightPx * needs.bytesPerPx + band
}

function largestTile(paddedWidthPx: number, needs: TileNeeds): number {
  const { multipleOf, context } = needs
  const grid = Math.min(multipleOf, COARSEST_GRID_PX)
  const overlap = 2 * context + featherOf(context)
  // At least a third of each tile is new, or a small budget would cost hours.
  const smallest = roundUp(1.5 * overlap + 2 * grid, multipleOf)
  let tilePx = Math.max(smallest, Math.floor(LARGEST_TILE_PX / multipleOf) * multipleOf)
  while (
    tilePx > smallest &&
    bytesFor({ widthPx: tilePx, heightPx: tilePx }, paddedWidthPx, needs) > needs.budgetBytes
  )
    tilePx -= multipleOf
  return tilePx
}

/**
 * Cuts a picture under a memory budget: whole where it fits, else into squares as large as fit, at most 1024 px. The
 * smallest legal tile is used even where the budget is smaller still.
 */
export function planTiles(widthPx: number, heightPx: number, needs: TileNeeds): TilePlan {
  const width = roundUp(widthPx, needs.multipleOf)
  const height = roundUp(heightPx, needs.multipleOf)
  const isWhole = bytesFor({ widthPx: width, heightPx: height }, width, needs) <= needs.budgetBytes
  const tilePx = isWhole ? Math.max(width, height) : largestTile(width, needs)
  const x = planAxis(width, tilePx, needs)
  const y = planAxis(height, tilePx, needs)
  return { x, y, tiles: x.starts.length * y.starts.length }
}
