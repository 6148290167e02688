import type { Plane } from '../../evaluation/metrics.ts'

/** Draws of one mark, uniform in [0,1), by their number. */
type Draw = (draw: number) => number

/** How much a mark covers each pixel, in [0,1], and what it is painted with. */
type Mark = { cover: (stamp: (x: number, y: number, radiusPx: number) => void) => void; shade: number }

/** Two in three marks are bright, as on prints from a scratched negative. */
function shadeOf(draw: Draw): number {
  return draw(0) < 2 / 3 ? 0.8 + 0.2 * draw(1) : 0.2 * draw(1)
}

/**
 * A scratch: a line that bends a little, from anywhere in any direction, 0.2 to 1 times the longer side and 0.6 to 2.2 px
 * wide.
 */
function scratch(widthPx: number, heightPx: number, draw: Draw): Mark {
  const length = Math.max(widthPx, heightPx) * (0.2 + 0.8 * draw(2))
  const angle = 2 * Math.PI * draw(3)
  const [startX, startY] = [widthPx * draw(4), heightPx * draw(5)]
  const bend = (draw(6) - 0.5) * 0.2 * length
  const radiusPx = 0.3 + 0.8 * draw(7)
  return {
    shade: shadeOf(draw),
    cover(stamp) {
      for (let along = 0; along <= length; along += 0.5) {
        const across = bend * Math.sin((Math.PI * along) / length)
        stamp(
          startX + along * Math.cos(angle) - across * Math.sin(angle),
          startY + along * Math.sin(angle) + across * Math.cos(angle),
          radiusPx,
        )
      }
    },
  }
}

/** A speck: round or long, 0.8 to 4 px across, up to 8 px long. */
function speck(widthPx: number, heightPx: number, draw: Draw): Mark {
  const radiusPx = 0.4 + 1.6 * draw(2) ** 2
  const length = draw(3) < 0.25 ? 2 + 6 * draw(4) : 0
  const angle = 2 * Math.PI * draw(5)
  const [startX, startY] = [widthPx * draw(6), heightPx * draw(7)]
  return {
    shade: shadeOf(draw),
    cover(stamp) {
      for (let along = 0; along <= length; along += 0.5)
        stamp(startX + along * Math.cos(angle), startY + along * Math.sin(angle), radiusPx)
    },
  }
}

/** Paints one mark. Its rim is soft over one pixel. */
function paint(plane: Plane, { cover, shade }: Mark, opacity: number): void {
  const { data, widthPx, heightPx, channels } = plane
  const covered = new Map<number, number>()
  cover((x, y, radiusPx) => {
    const reach = radiusPx + 0.5
    const [left, right] = [Math.max(0, Math.floor(x - reach)), Math.min(widthPx - 1, Math.floor(x + reach))]
    const [top, bottom] = [Math.max(0, Math.floor(y - reach)), Math.min(heightPx - 1, Math.floor(y + reach))]
    for (let row = top; row <= bottom; row += 1)
      for (let column = left; column <= right; column += 1) {
        const amount = Math.min(1, reach - Math.hypot(column + 0.5 - x, row + 0.5 - y))
        const pixel = row * widthPx + column
        if (amount > (covered.get(pixel) ?? 0)) covered.set(pixel, amount)
      }
  })
  for (const [pixel, amount] of covered)
    for (let at = pixel * channels; at < (pixel + 1) * channels; at += 1) {
      const value = data[at] as number
      data[at] = value + opacity * amount * (shade - value)
    }
}

const kinds = { scratches: scratch, dust: speck } as const

/**
 * Marks on the picture, bright or dark, half to fully opaque.
 * @param perMegapixel how many; what is left of the last one is drawn, so that the mean is right on small pictures too
 * @param random draw k of mark n, uniform in [0,1)
 */
export function mark(
  plane: Plane,
  kind: keyof typeof kinds,
  perMegapixel: number,
  random: (mark: number, draw: number) => number,
): Plane {
  const { widthPx, heightPx } = plane
  const count = Math.floor((perMegapixel * widthPx * heightPx) / 1e6 + random(0, 0))
  const marked = { ...plane, data: plane.data.slice() }
  for (let index = 1; index <= count; index += 1) {
    const draw: Draw = (number) => random(index, number)
    paint(marked, kinds[kind](widthPx, heightPx, draw), 0.5 + 0.5 * draw(8))
  }
  return marked
}
