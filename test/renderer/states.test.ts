import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../src/core/evaluation/events.ts'
import type { MetricId } from '../../src/core/evaluation/metrics.ts'
import {
  bestOf,
  columnsOf,
  markedBest,
  nextSort,
  rowsOf,
  samplesAt,
  shownStates,
  sortRows,
  tiedWith,
  untoldOf,
} from '../../src/renderer/stores/states.ts'
import type { RunView, StateRow } from '../../src/renderer/stores/states.ts'

function measured(metric: MetricId, value: number | null, around = 0.5): Measurement {
  return {
    metric,
    value,
    low: value === null ? null : value - around,
    high: value === null ? null : value + around,
    count: 12,
    note: value === null ? 'Too few pictures.' : null,
  }
}

function row(step: number, psnr: number | null, isSaved = true): StateRow {
  return {
    step,
    isSaved,
    whole: true,
    bytes: 1,
    validationL1: null,
    measurements: { psnr: measured('psnr', psnr), kid: measured('kid', null) },
  }
}

const rows = [row(10, 20), row(20, 23), row(30, 22.8), row(40, null), row(50, 30, false)]

describe('saved states', () => {
  it('are those on disk and those that were scored before they were thinned out', () => {
    const view = {
      checkpoints: [{ step: 20, whole: true, bytes: 5, validationL1: 0.1 }],
      evaluations: [
        { step: 10, split: 'val', measurements: [measured('l1', 0.2)] },
        { step: 20, split: 'test', measurements: [measured('l1', 0.3)] },
      ],
    } as unknown as RunView
    expect(rowsOf(view).map(({ step, isSaved }) => [step, isSaved])).toEqual([
      [10, false],
      [20, true],
    ])
    expect(rowsOf(view)[1]?.measurements).toEqual({})
  })

  it('the best is among those that can be used, in the direction of the metric', () => {
    expect(bestOf(rows, 'psnr')?.step).toBe(20)
    expect(bestOf(rows, 'kid')).toBeNull()
    expect(markedBest(rows, 'psnr')).toBe(20)
    expect(markedBest(rows.slice(0, 1), 'psnr')).toBeNull()
  })

  it('says which others the figure does not tell apart', () => {
    expect(tiedWith(rows, rows[1] as StateRow, 'psnr').map(({ step }) => step)).toEqual([30])
  })

  it('columns hold a figure, and the rest is told with its reason', () => {
    expect(columnsOf(rows)).toEqual(['psnr'])
    expect(untoldOf(rows)).toEqual([{ metric: 'kid', note: 'Too few pictures.' }])
  })

  it('sorts the best to the top first, and rows without the figure to the end either way', () => {
    const first = nextSort({ by: 'step', descending: true }, 'psnr')
    expect(sortRows(rows, first).map(({ step }) => step)).toEqual([50, 20, 30, 10, 40])
    const second = nextSort(first, 'psnr')
    expect(sortRows(rows, second).map(({ step }) => step)).toEqual([10, 30, 20, 50, 40])
    expect(nextSort(first, 'l1').descending).toBe(false)
  })

  it('shows the state in use against the newest other until somebody chooses', () => {
    expect(shownStates(rows, 20, { left: null, right: null })).toEqual({ left: 50, right: 20 })
    expect(shownStates(rows, null, { left: 10, right: 99 })).toEqual({ left: 10, right: 50 })
  })

  it('pictures of a step that was not rendered are those of the last before it', () => {
    const samples = [{ step: 10 }, { step: 20 }, { step: 30 }]
    expect(samplesAt(samples, 25)).toEqual({ step: 20 })
    expect(samplesAt(samples, 5)).toEqual({ step: 10 })
  })
})
