import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { recipeIds } from '../../../src/core/recipes/index.ts'
import type { RecipeId } from '../../../src/core/recipes/index.ts'
import type { Precision } from '../../../src/core/training/precision.ts'
import { openBackend } from '../../../src/engine/backends/index.ts'
import { setRecording } from '../../../src/engine/backends/recorded.ts'
import type { NamedTensor, Trainer } from '../../../src/engine/recipes/trainer.ts'
import { createTiny, tinyBatch, trainSteps } from '../support/tinyRun.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})
afterEach(() => setRecording(true))

const create = (id: RecipeId, precision: Precision) => createTiny(id, {}, precision).trainer

const isScaling = ({ name }: { name: string }) => name.startsWith('lossScaling.')

function read(trainer: Trainer): Map<string, Float32Array> {
  return new Map(trainer.state().map(({ name, data }) => [name, data()]))
}

/** The saved state with the factor and its count of good steps replaced. */
function rescaled(trainer: Trainer, scale: number, goodSteps: number): NamedTensor[] {
  const values: Record<string, number> = { 'lossScaling.scale': scale, 'lossScaling.goodSteps': goodSteps }
  return trainer.state().map((tensor) => {
    const value = values[tensor.name]
    return value === undefined ? tensor : { ...tensor, data: () => Float32Array.of(value) }
  })
}

const factor = (trainer: Trainer) => {
  const state = read(trainer)
  return [state.get('lossScaling.scale')?.[0], state.get('lossScaling.goodSteps')?.[0]]
}

describe('scaled losses', () => {
  it.each(recipeIds)('change no bit while nothing overflows: %s, op by op in float32', async (id) => {
    setRecording(false)
    const [plain, scaled] = [create(id, 'float32'), create(id, 'float16')]
    const { batchOf, trainer: unused } = createTiny(id)
    expect(await trainSteps(scaled, 1, 3, batchOf)).toEqual(await trainSteps(plain, 1, 3, batchOf))
    const learned = new Map([...read(scaled)].filter(([name]) => !isScaling({ name })))
    expect(learned).toEqual(read(plain))
    expect(factor(scaled)).toEqual([2 ** 15, 3])
    for (const one of [plain, scaled, unused]) one.dispose()
  })

  it.each([true, false])(
    'leave a network as it was where its gradients overflow (recorded: %s)',
    async (isRecorded) => {
      setRecording(isRecorded)
      const trainer = create('cyclegan', 'float16')
      await trainer.train(tinyBatch(1))
      trainer.loadState(rescaled(trainer, 2 ** 127, 5))
      const before = read(trainer)
      await trainer.train(tinyBatch(2))
      const after = read(trainer)
      for (const [name, values] of before)
        if (/^netG_[AB]/.test(name)) expect(after.get(name), name).toEqual(values)
      expect(factor(trainer)).toEqual([2 ** 126, 0])
      trainer.dispose()
    },
  )

  it('grow after 2,000 steps without an overflow, and start to count again', async () => {
    const trainer = create('pix2pix', 'float16')
    trainer.loadState(rescaled(trainer, 2 ** 10, 1998))
    await trainer.train(tinyBatch(1))
    expect(factor(trainer)).toEqual([2 ** 10, 1999])
    await trainer.train(tinyBatch(2))
    expect(factor(trainer)).toEqual([2 ** 11, 0])
    trainer.dispose()
  })

  it('are part of the state: a run goes on bit for bit, and without them in float32', async () => {
    const first = create('pix2pix', 'float16')
    await trainSteps(first, 1, 2)
    const saved = first.state().map((one) => ({
      ...one,
      data: (
        (values) => () =>
          values
      )(one.data()),
    }))
    const [resumed, inFloat32] = [create('pix2pix', 'float16'), create('pix2pix', 'float32')]
    resumed.loadState(saved)
    expect(await trainSteps(resumed, 3, 4)).toEqual(await trainSteps(first, 3, 4))
    expect(read(resumed)).toEqual(read(first))
    inFloat32.loadState(saved)
    expect(inFloat32.state().some(isScaling)).toBe(false)
    for (const one of [first, resumed, inFloat32]) one.dispose()
  })
})
