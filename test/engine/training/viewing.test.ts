import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { Pictures } from '../../../src/engine/recipes/trainer.ts'
import { createPace } from '../../../src/engine/training/pace.ts'
import { encodeForViewing, viewRange } from '../../../src/engine/training/viewing.ts'

const row = (values: number[], channels: number): Pictures => ({
  shape: [1, 1, values.length / channels, channels],
  data: Float32Array.from(values),
})

async function pixels(picture: Pictures, isPlain: boolean, truth = picture) {
  const pieces = await encodeForViewing(picture, viewRange(truth, isPlain))
  const bytes = Array.isArray(pieces) ? Buffer.concat(pieces) : pieces
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  return { values: [...data], channels: info.channels }
}

test('pictures of 8 bits are shown as they are, and what lies outside is clipped', async () => {
  expect((await pixels(row([-1, 0, 1, 2, -3, 1], 3), true)).values).toEqual([0, 128, 255, 255, 0, 255])
})

test('a sliver of a 16-bit range is stretched by the true picture, alike for what the model made', async () => {
  const truth = row([-0.99, -0.98, -0.97], 1)
  const grey = async (picture: Pictures) => {
    const { values, channels } = await pixels(picture, false, truth)
    return values.filter((_, index) => index % channels === 0)
  }
  expect(await grey(truth)).toEqual([0, 128, 255])
  expect(await grey(row([-0.99, -0.975, 0.5], 1))).toEqual([0, 191, 255])
})

test('data of five channels are shown by their first three', async () => {
  const { values } = await pixels(row([-1, 1, -1, 1, 1], 5), true)
  expect(values).toEqual([0, 255, 0])
})

test('time left counts steps, galleries and saves, and forgives a slow first step', () => {
  const pace = createPace({
    parts: [{ from: 1, steps: 100, effort: 1 }],
    steps: 100,
    sampleEvery: 10,
    checkpointEvery: 50,
  })
  expect(pace.secondsLeft(0)).toBeNull()
  for (const elapsedMs of [9000, 100, 100]) pace.addStep(elapsedMs, 1)
  pace.addSample(1000)
  pace.addSave(3000)
  expect(pace.secondsLeft(60)).toBeCloseTo(40 * 0.1 + 4 * 1 + 1 * 3)
})

test('time left knows that the steps of later parts take longer', () => {
  const parts = [
    { from: 1, steps: 10, effort: 2 },
    { from: 11, steps: 20, effort: 6 },
  ]
  const pace = createPace({ parts, steps: 30, sampleEvery: 1000, checkpointEvery: 1000 })
  for (const elapsedMs of [100, 100, 100]) pace.addStep(elapsedMs, 2)
  expect(pace.secondsLeft(4)).toBeCloseTo(6 * 0.1 + 20 * 0.3)
  expect(pace.secondsLeft(10)).toBeCloseTo(20 * 0.3)
  expect(pace.secondsLeft(25)).toBeCloseTo(5 * 0.3)
  expect(pace.secondsLeft(30)).toBe(0)
})
