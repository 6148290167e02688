// Histogram matching: what gives pictures the colours of others without learning where they belong.
import type { Plane } from '../src/engine/evaluation/metrics.ts'

const LEVELS = 256

/** Levels of 8 bits that occur in one channel, and the share of samples up to each. */
type Distribution = { levels: number[]; shares: number[] }

function distributionOf(planes: readonly Plane[], channel: number): Distribution {
  const counts = new Float64Array(LEVELS)
  let total = 0
  for (const { data, channels } of planes)
    for (let at = channel; at < data.length; at += channels) {
      const level = Math.round((data[at] as number) * 255)
      counts[level] = (counts[level] as number) + 1
      total += 1
    }
  const found: Distribution = { levels: [], shares: [] }
  let sum = 0
  counts.forEach((count, level) => {
    sum += count
    if (count === 0) return
    found.levels.push(level)
    found.shares.push(sum / total)
  })
  return found
}

/** The level at a share of the distribution, on straight lines between those that occur; its first and last beyond. */
function levelAt({ levels, shares }: Distribution, share: number): number {
  const above = shares.findIndex((one) => one >= share)
  if (above <= 0) return (above === 0 ? levels[0] : levels.at(-1)) as number
  const [low, high] = [shares[above - 1] as number, shares[above] as number]
  const [from, to] = [levels[above - 1] as number, levels[above] as number]
  return from + ((to - from) * (share - low)) / (high - low)
}

/**
 * Gives pictures of 8 bits, channel by channel, the distribution of all the reference pictures together: the k-th darkest
 * sample gets what the k-th darkest of the reference has. The same rule as scikit-image's match_histograms.
 */
export function createMatcher(reference: readonly Plane[]): (picture: Plane) => Plane {
  const channels = reference[0]?.channels ?? 0
  const wanted = Array.from({ length: channels }, (_, channel) => distributionOf(reference, channel))
  return (picture) => {
    const data = new Float32Array(picture.data.length)
    wanted.forEach((distribution, channel) => {
      const own = distributionOf([picture], channel)
      const table = new Float32Array(LEVELS)
      own.levels.forEach((level, index) => {
        table[level] = levelAt(distribution, own.shares[index] as number) / 255
      })
      for (let at = channel; at < data.length; at += channels)
        data[at] = table[Math.round((picture.data[at] as number) * 255)] as number
    })
    return { ...picture, data }
  }
}
