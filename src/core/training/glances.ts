/** A small grey picture, row by row, samples in [-1,1]. */
export type Glance = Float32Array

/** How much pictures differ from one another: mean absolute difference of neighbours, samples in [-1,1]. */
export function meanDifference(pictures: readonly Glance[]): number {
  const differences = pictures
    .slice(1)
    .map((picture, index) => glanceDifference(picture, pictures[index] ?? picture))
  return meanOf(differences) ?? 0
}

/** Mean absolute difference of two pictures of one size. */
export function glanceDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < one.length; at += 1) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0))
  return sum / one.length
}

/** The mean of what is finite; null of nothing. */
export function meanOf(values: readonly number[]): number | null {
  const finite = values.filter(Number.isFinite)
  return finite.length === 0 ? null : finite.reduce((sum, value) => sum + value, 0) / finite.length
}

/** Mean over pictures of the standard deviation within them. */
export function contrastOf(pictures: readonly Glance[]): number {
  return (
    meanOf(
      pictures.map((picture) => {
        const mean = meanOf([...picture]) ?? 0
        return Math.sqrt(picture.reduce((sum, value) => sum + (value - mean) ** 2, 0) / picture.length)
      }),
    ) ?? 0
  )
}

/** Pearson's correlation of two pictures, in [-1,1]; NaN where one is flat or missing. */
export function correlation(one: Glance | undefined, other: Glance | undefined): number {
  if (!one || !other) return NaN
  const mean = (all: Glance) => all.reduce((sum, value) => sum + value, 0) / all.length
  const [meanOne, meanOther] = [mean(one), mean(other)]
  let [both, ownOne, ownOther] = [0, 0, 0]
  for (let at = 0; at < one.length; at += 1) {
    const [x, y] = [(one[at] ?? 0) - meanOne, (other[at] ?? 0) - meanOther]
    both += x * y
    ownOne += x * x
    ownOther += y * y
  }
  return both / Math.sqrt(ownOne * ownOther)
}

/** The cell of a grid of `cells` a side in which a pixel lies. */
function cellOf(at: number, sidePx: number, cells: number): number {
  const [x, y] = [at % sidePx, Math.floor(at / sidePx)]
  return Math.floor((y * cells) / sidePx) * cells + Math.floor((x * cells) / sidePx)
}

/** A square picture shrunk to a grid of means. */
export function shrink(picture: Glance, sidePx: number, cells: number): Glance {
  const [sums, counts] = [new Float32Array(cells * cells), new Float32Array(cells * cells)]
  for (let at = 0; at < picture.length; at += 1) {
    const cell = cellOf(at, sidePx, cells)
    sums[cell] = (sums[cell] ?? 0) + (picture[at] ?? 0)
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  return sums.map((sum, cell) => sum / (counts[cell] || 1))
}

/** What is left of a square picture without its large shapes: each pixel less the mean of its cell of a grid. */
export function detailsOf(picture: Glance, sidePx: number, cells: number): Glance {
  const means = shrink(picture, sidePx, cells)
  return picture.map((value, at) => value - (means[cellOf(at, sidePx, cells)] ?? 0))
}

/** Mean strength of the finest checkerboard: what of each 2 x 2 pixels is up, down, down, up. */
export function checkerboardOf(pictures: readonly Glance[], sidePx: number): number {
  let [sum, count] = [0, 0]
  for (const picture of pictures)
    for (let y = 0; y + 1 < sidePx; y += 2)
      for (let x = 0; x + 1 < sidePx; x += 2) {
        const at = y * sidePx + x
        const [a = 0, b = 0] = picture.subarray(at, at + 2)
        const [c = 0, d = 0] = picture.subarray(at + sidePx, at + sidePx + 2)
        sum += Math.abs(a - b - c + d) / 4
        count += 1
      }
  return count === 0 ? 0 : sum / count
}

/** Euclidean distance. */
export function distance(one: Glance, other: Glance): number {
  let sum = 0
  for (let at = 0; at < one.length; at += 1) sum += ((one[at] ?? 0) - (other[at] ?? 0)) ** 2
  return Math.sqrt(sum)
}

/** Share of `asked` that lie within the ball of one of `holders`, which reaches to its `neighbour`-th nearest among them (Kynkaanniemi et al. 2019). */
export function shareWithin(asked: readonly Glance[], holders: readonly Glance[], neighbour: number): number {
  const radii = holders.map((holder) => {
    const others = holders.filter((other) => other !== holder).map((other) => distance(holder, other))
    return others.sort((x, y) => x - y)[neighbour - 1] ?? 0
  })
  const within = asked.filter((one) =>
    holders.some((holder, index) => distance(one, holder) <= (radii[index] ?? 0)),
  )
  return within.length / asked.length
}
