import { describe, expect, it } from 'vitest'
import { optionsOf, rows } from '../../bench/rows.ts'
import type { StepRow } from '../../bench/rows.ts'
import { picturesInStep } from '../../src/core/recipes/common.ts'
import { stageAt } from '../../src/core/recipes/progressive.ts'

const steps = rows.filter((row): row is StepRow => row.kind === 'step')
const rowOf = (id: string): StepRow => {
  const row = steps.find((one) => one.id === id)
  if (!row) throw new Error(`There is no row ${id}.`)
  return row
}

describe('the rows of the benchmark', () => {
  it.each(steps)('$id: its options are those of its recipe, and its pictures as large as it says', (row) => {
    const options = optionsOf(row)
    expect(options.cropSizePx).toBe(row.sizePx)
    expect(options.batchSize).toBe(row.pictures ?? 1)
  })

  it('have names of their own', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  })

  it.each(['gan', 'wgan', 'wgan-gp', 'progressive', 'attribute'])(
    '%s has targets in both precisions',
    (id) => {
      const { targets, recipe } = rowOf(id)
      expect(recipe).toBe(id)
      expect([targets.float32?.target, targets.bfloat16?.target]).toEqual([1, 1])
    },
  )

  it('look at as many pictures as their critics learn from', () => {
    const pictures = (id: string) => picturesInStep(optionsOf(rowOf(id)))
    expect(['gan', 'wgan', 'wgan-gp', 'progressive', 'attribute'].map(pictures)).toEqual([
      64, 320, 320, 16, 20,
    ])
  })

  it('progressive begins with the last stage, faded in as far as PyTorch is told', () => {
    const { sizePx, fade, firstStep = 0 } = rowOf('progressive')
    const options = optionsOf(rowOf('progressive'))
    const stages = Math.log2(sizePx / 4) + 1
    if (!('fadeShare' in options)) throw new Error('Progressive growing fades nothing in.')
    expect(stageAt(firstStep, options.steps ?? 0, stages, options.fadeShare)).toEqual({
      stage: stages - 1,
      from: firstStep - 1,
      steps: 8,
      fade,
    })
  })
})
