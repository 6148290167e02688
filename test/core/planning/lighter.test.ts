import { describe, expect, it } from 'vitest'
import { costInWords, errorRatioOf, sharesOf, stepsWay } from '../../../src/core/planning/costs.ts'
import { lighten, lighterSettings, lighterWays } from '../../../src/core/planning/lighter.ts'
import { recipeIds, recipes } from '../../../src/core/recipes/index.ts'

const way = (id: string) => {
  const found = lighterWays.find((one) => one.id === id)
  if (!found) throw new Error(`There is no way named ${id}.`)
  return found
}

describe('lighter settings', () => {
  it('are legal for every recipe, and differ from what they began with', () => {
    for (const recipe of recipeIds) {
      const training = { recipe, options: {} }
      const all = lighterSettings(training, 'resnet_9blocks')
      expect(all.length, recipe).toBeGreaterThan(0)
      for (const { training: lighter } of all) {
        expect(recipes[lighter.recipe].options.safeParse(lighter.options).success).toBe(true)
        expect(lighter).not.toEqual(training)
      }
    }
  })

  it('lower what is higher and leave the rest', () => {
    const training = { recipe: 'pix2pix' as const, options: { ngf: 20, ndf: 64, seed: 5 } }
    expect(lighten(training, way('width-32'), 'unet_256')?.options).toEqual({ ngf: 20, ndf: 32, seed: 5 })
    const narrow = { ...training, options: { ngf: 16, ndf: 8 } }
    expect(lighten(narrow, way('width-16'), 'unet_256')).toBeNull()
  })

  it('keep what is seen of a picture when squares become smaller', () => {
    const training = { recipe: 'pix2pix' as const, options: { loadSizePx: 300, cropSizePx: 256 } }
    expect(lighten(training, way('size-128'), 'unet_256')?.options).toEqual({
      loadSizePx: 150,
      cropSizePx: 128,
    })
  })

  it('take fewer blocks where there are nine, also where nobody named them', () => {
    const training = { recipe: 'cyclegan' as const, options: {} }
    expect(lighten(training, way('depth-2/3'), 'resnet_9blocks')?.options).toEqual({ netG: 'resnet_6blocks' })
    expect(lighten(training, way('depth-2/3'), 'resnet_6blocks')).toBeNull()
    expect(lighten({ ...training, recipe: 'pix2pix' }, way('depth-2/3'), 'unet_256')).toBeNull()
  })

  it('never join two ways that change the same thing', () => {
    const all = lighterSettings({ recipe: 'cyclegan', options: {} }, 'resnet_9blocks')
    for (const { ways } of all) expect(new Set(ways.map(({ kind }) => kind)).size).toBe(ways.length)
    expect(all.some(({ ways }) => ways.length === 2)).toBe(true)
  })
})

describe('the table of costs', () => {
  it('says that a step is lighter for every way that was measured', () => {
    for (const { id } of lighterWays) {
      const { step, memory } = sharesOf([id], 'pix2pix')
      expect(step, id).toBeLessThanOrEqual(1)
      expect(memory, id).toBeLessThanOrEqual(1)
      expect(errorRatioOf([id], 'pix2pix'), id).toBeGreaterThan(0.8)
    }
  })

  it('tells costs in a sentence, or that none were measured', () => {
    expect(costInWords(['no-such-way'], 'pix2pix')).toContain('not measured')
    expect(costInWords([stepsWay(0.4)], 'pix2pix')).toMatch(/\.$/)
  })
})
