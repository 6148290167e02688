import { beforeEach, describe, expect, it } from 'vitest'
import type { WindowEvent } from '../../src/core/contract/index.ts'
import { settingsOf } from '../../src/core/sweeps/settings.ts'
import type { Sweep } from '../../src/core/sweeps/sweep.ts'
import { liveJobOfRun, reduceJobs } from '../../src/renderer/stores/jobs.ts'
import {
  addRow,
  askedSweep,
  changeRow,
  MOST_ROWS,
  resetSweepForm,
  sweepFormStore,
} from '../../src/renderer/stores/sweepForm.ts'
import { reduceSweeps, resetSweeps, sweepsStore, withRunsOfSweeps } from '../../src/renderer/stores/sweeps.ts'

const training = { recipe: 'pix2pix' as const, options: { steps: 100 } }

function ask() {
  const asked = askedSweep(sweepFormStore.getState(), training, 10)
  if (asked === null || 'refusal' in asked) throw new Error('It asks for nothing.')
  return asked
}

beforeEach(() => {
  resetSweepForm()
  resetSweeps()
})

describe('the form', () => {
  it('offers what one would vary first, with values around the one in use', () => {
    expect(askedSweep(sweepFormStore.getState(), training, 10)).toBeNull()
    addRow(training)
    expect(sweepFormStore.getState().rows).toEqual([
      { option: 'learningRate', text: '0.0001, 0.0002, 0.0004' },
    ])
    addRow({ ...training, options: { ngf: 20 } })
    expect(sweepFormStore.getState().rows[1]).toEqual({ option: 'ngf', text: '10, 20, 40' })
    addRow(training)
    addRow(training)
    expect(sweepFormStore.getState().rows).toHaveLength(MOST_ROWS)
    changeRow(2, null)
    const { request, ladder } = ask()
    expect(ladder.rungs[0]?.runs).toBe(9)
    expect(settingsOf(request)).toHaveLength(9)
  })

  it('says what is wrong in the words of the form', () => {
    addRow(training)
    changeRow(0, { option: 'learningRate', text: '1, 2' })
    const asked = askedSweep(sweepFormStore.getState(), training, 10)
    expect(asked && 'refusal' in asked && asked.refusal.message).toBe('Learning rate cannot take "1".')
  })
})

describe('what is told of a sweep', () => {
  const began = (): Sweep => {
    addRow(training)
    const { request } = ask()
    return {
      schema: 1,
      sweep: 'sweep-001',
      request,
      steps: 100,
      measure: 'l1',
      datasetFingerprint: 'f',
      trials: settingsOf(request).map((settings) => ({ settings, run: null, results: [], failure: null })),
    }
  }
  const stopped = { type: 'stopped', run: 'run-002', step: 50 } as const

  it('shows the one that was started, keeps the newest word on it, and lets go at its end', () => {
    const sweep = began()
    sweepsStore.setState({ live: { job: 'job-1', sweep: null } })
    const tell = (...events: WindowEvent[]) => sweepsStore.setState((state) => reduceSweeps(state, events))
    tell({ kind: 'sweep', job: 'job-1', event: { type: 'sweep', sweep } })
    expect(sweepsStore.getState()).toMatchObject({ selected: 'sweep-001', live: { sweep: 'sweep-001' } })
    const later = { ...sweep, measure: 'ssim' as const }
    sweepsStore.setState({ selected: null })
    tell({ kind: 'sweep', job: 'job-1', event: { type: 'sweep', sweep: later } })
    tell({ kind: 'sweep', job: 'job-1', event: { type: 'sweep-done', sweep: later } })
    const { list, live, selected } = sweepsStore.getState()
    expect(list).toMatchObject({ value: { sweeps: [later] } })
    expect([live, selected]).toEqual([null, null])
  })

  it('a failure is kept by its name, and before it has one as what did not begin', () => {
    const refusal = { code: 'disk-full', message: 'm', remedy: 'r' }
    const failed: WindowEvent = { kind: 'sweep', job: 'job-1', event: { type: 'sweep-failed', refusal } }
    for (const sweep of [null, 'sweep-001']) {
      sweepsStore.setState({ live: { job: 'job-1', sweep } })
      sweepsStore.setState((state) => reduceSweeps(state, [failed]))
      expect(sweepsStore.getState().failures[sweep ?? '']).toEqual(refusal)
      expect(sweepsStore.getState().live).toBeNull()
    }
  })

  it('its runs are seen as runs, and its job counts the steps of all', () => {
    const event: WindowEvent = {
      kind: 'sweep',
      job: 'job-1',
      event: { type: 'sweep-run', done: 150, total: 400, secondsLeft: 9, event: stopped },
    }
    expect(withRunsOfSweeps([event])).toEqual([{ kind: 'train', job: 'job-1', event: stopped }])
    const jobs = reduceJobs({}, event)
    expect(jobs['job-1']).toMatchObject({ state: 'running', run: 'run-002', done: 150, total: 400 })
    expect(liveJobOfRun(jobs, 'run-002')?.job).toBe('job-1')
  })
})
