import { beforeAll, describe, expect, it } from 'vitest'
import { canCompute, openBackend, precisionFor } from '../../../src/engine/backends/index.ts'
import { bfloat16Unit } from '../../../src/engine/backends/hardware.ts'
import { binding } from '../../../src/engine/backends/binding.ts'
import { configFor } from '../../../src/engine/backends/graph/config.ts'
import { setRecording } from '../../../src/engine/backends/recorded.ts'

beforeAll(async () => {
  await openBackend({ threads: 2 })
})

describe('the precision of a run', () => {
  it('is float16 on graphics cards alone, with a refusal that says what to set elsewhere', () => {
    const isOnCard = binding().isUsingGpuDevice()
    expect(canCompute('float16')).toBe(isOnCard)
    if (isOnCard) return
    expect(() => precisionFor('float16', 'learning')).toThrow(/does not compute in float16/)
  })

  it('is bfloat16 on processors that have it, where steps are recorded', () => {
    expect(canCompute('bfloat16')).toBe(!binding().isUsingGpuDevice() && bfloat16Unit() !== null)
    setRecording(false)
    expect(canCompute('bfloat16')).toBe(false)
    expect(canCompute('float32')).toBe(true)
    setRecording(true)
  })

  it('is what TensorFlow is told, in the numbers of its own messages', () => {
    expect(configFor('float32', true)).toHaveLength(0)
    // graph_options { rewrite_options { remapping: OFF, auto_mixed_precision(_onednn_bfloat16): ON } }
    expect([...configFor('float16', true)]).toEqual([82, 7, 82, 5, 112, 2, 184, 1, 1])
    expect([...configFor('bfloat16', true)]).toEqual([82, 7, 82, 5, 112, 2, 248, 1, 1])
  })
})
