import { describe, expect, it } from 'vitest'
import { randomUniform } from '../../src/core/random.ts'
import {
  actualView,
  fitView,
  heightOf,
  panBy,
  scaleOf,
  sharedSize,
  zoomAt,
} from '../../src/renderer/components/comparison/geometry.ts'

const picture = { widthPx: 6000, heightPx: 4000 }
const stage = { widthPx: 800, heightPx: 600 }

/** Which part of the picture lies under a point: 0 to 1 of its width. */
const under = (view: { xPx: number; yPx: number; widthPx: number }, point: { xPx: number; yPx: number }) => [
  (point.xPx - view.xPx) / view.widthPx,
  (point.yPx - view.yPx) / heightOf(view, picture),
]

describe('zoomAt', () => {
  it('keeps what lies under the pointer under it, at any zoom and after any chain of zooms', () => {
    let view = fitView(picture, stage)
    for (let draw = 0; draw < 200; draw += 1) {
      const point = { xPx: randomUniform(1, draw, 0) * 800, yPx: randomUniform(1, draw, 1) * 600 }
      const next = zoomAt(view, point, 0.5 + 1.5 * randomUniform(1, draw, 2), picture)
      const [x, y] = under(view, point)
      const [nextX, nextY] = under(next, point)
      expect(nextX).toBeCloseTo(x ?? NaN, 6)
      expect(nextY).toBeCloseTo(y ?? NaN, 6)
      view = next
    }
  })
  it('stays between a thumbnail and 32 screen pixels for a pixel', () => {
    const view = fitView(picture, stage)
    expect(zoomAt(view, { xPx: 0, yPx: 0 }, 1e9, picture).widthPx).toBe(6000 * 32)
    expect(zoomAt(view, { xPx: 0, yPx: 0 }, 1e-9, picture).widthPx).toBe(32)
  })
})

describe('views', () => {
  it('fit: all of the picture is inside, centred, touching the margin', () => {
    const view = fitView(picture, stage)
    expect(view.xPx).toBeCloseTo(16)
    expect(view.widthPx).toBeCloseTo(768)
    expect(view.yPx + heightOf(view, picture) / 2).toBeCloseTo(300)
  })
  it('100% is one pixel of the picture on one of the screen, on dense screens too', () => {
    for (const ratio of [1, 1.5, 2])
      expect(scaleOf(actualView(picture, stage, ratio), picture, ratio)).toBeCloseTo(1)
  })
  it('panning never loses the picture', () => {
    const view = panBy(fitView(picture, stage), { xPx: 1e6, yPx: -1e6 }, picture, stage)
    expect(view.xPx).toBeLessThan(stage.widthPx)
    expect(view.yPx + heightOf(view, picture)).toBeGreaterThan(0)
  })
  it('a result of twice the size decides the frame, whichever comes first', () => {
    const small = { widthPx: 100, heightPx: 80 }
    const large = { widthPx: 200, heightPx: 160 }
    expect(sharedSize(small, large)).toBe(large)
    expect(sharedSize(large, small)).toBe(large)
    expect(sharedSize(small, null)).toBe(small)
  })
})
