import { describe, expect, it } from 'vitest'
import { cyclegan } from '../../src/core/recipes/cyclegan.ts'
import { inLines, layOutGallery } from '../../src/renderer/features/train/galleryLayout.ts'

describe('the gallery', () => {
  it('puts each direction of CycleGAN on a line of its own, beginning with what it was given', () => {
    const { columns } = layOutGallery(900, cyclegan.visuals.length)
    const lines = inLines(cyclegan.visuals, columns)
    expect(lines.map((line) => line[0]?.id)).toEqual(['realA', 'realB'])
    expect(lines.flat()).toEqual(cyclegan.visuals)
  })

  it('leaves room for captions only where rows go on below', () => {
    const one = layOutGallery(812, 4)
    const two = layOutGallery(812, 8)
    expect(one).toMatchObject({ columns: 4, lines: 1, rowPx: 200 + 12 })
    expect(two).toMatchObject({ columns: 4, lines: 2, rowPx: 2 * (200 + 20) + 4 + 12 })
    expect(layOutGallery(5000, 3)).toEqual(layOutGallery(900, 3))
  })
})
