import { expect, it } from 'vitest'
import { initialValues } from '../../../src/engine/nn/initialise.ts'

const weight = { name: 'down2.weight', shape: [4, 4, 64, 32], init: 'weight' } as const
const momentsOf = (values: Float32Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    mean,
    spread: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
  }
}

it('draws weights around zero with the published spread', () => {
  const { mean, spread } = momentsOf(initialValues(weight, 'netG', { kind: 'normal', gain: 0.02, seed: 1 }))
  expect(mean).toBeCloseTo(0, 3)
  expect(spread / 0.02).toBeCloseTo(1, 1)
  const xavier = momentsOf(initialValues(weight, 'netG', { kind: 'xavier', gain: 0.02, seed: 1 }))
  expect(xavier.spread / (0.02 * Math.sqrt(2 / (16 * 96)))).toBeCloseTo(1, 1)
})

it('draws the scales of norms around one, and leaves the rest at zero or one', () => {
  const options = { kind: 'normal', gain: 0.02, seed: 1 } as const
  const values = (init: 'normScale' | 'normOffset' | 'bias' | 'mean' | 'variance') =>
    momentsOf(initialValues({ name: 'x', shape: [4096], init }, 'netG', options))
  expect(values('normScale').mean).toBeCloseTo(1, 2)
  expect(values('normScale').spread / 0.02).toBeCloseTo(1, 1)
  for (const init of ['normOffset', 'bias', 'mean'] as const)
    expect(values(init)).toEqual({ mean: 0, spread: 0 })
  expect(values('variance')).toEqual({ mean: 1, spread: 0 })
})

it('is a function of seed, network and name', () => {
  const draw = (network: string, name: string, seed: number) =>
    initialValues({ ...weight, name }, network, { kind: 'normal', gain: 0.02, seed })
  const first = draw('netG', 'down2.weight', 1)
  expect(draw('netG', 'down2.weight', 1)).toEqual(first)
  for (const other of [
    draw('netD', 'down2.weight', 1),
    draw('netG', 'down3.weight', 1),
    draw('netG', 'down2.weight', 2),
  ])
    expect(other).not.toEqual(first)
})
