import { describe, expect, it } from 'vitest'
import type { Plan, Proposal } from '../../src/core/planning/plan.ts'
import {
  adopt,
  isSameTraining,
  patienceSeconds,
  planningStore,
  reducePlanning,
} from '../../src/renderer/stores/planning.ts'

const estimate = {
  stepMs: 400,
  steps: 1000,
  seconds: 7200,
  memoryBytes: 4e9,
  diskBytes: 2e9,
  checkpointBytes: 2e8,
  parameters: 11_000_000,
  isMeasured: true,
}
const training = { recipe: 'pix2pix' as const, options: { steps: 1000 } }
const proposal: Proposal = {
  label: 'Half the width',
  training: { recipe: 'pix2pix', options: { steps: 1000, ngf: 32 } },
  estimate: { ...estimate, seconds: 1800, memoryBytes: 2e9 },
  cost: 'A little less detailed.',
}
const plan: Plan = {
  usesOwnPictures: true,
  training,
  estimate,
  fits: { time: false, memory: false, disk: true },
  memoryFreeBytes: 3e9,
  diskFreeBytes: 1e10,
  legalSizesPx: [128, 256],
  proposals: [proposal],
}

describe('planning', () => {
  it('by tomorrow morning is the next eight o clock that a night lies before', () => {
    expect(patienceSeconds('morning', new Date(2026, 2, 3, 20, 0, 0))).toBe(12 * 3600)
    expect(patienceSeconds('none', new Date())).toBeNull()
  })

  it('follows its own job, and no other', () => {
    const state = {
      ...planningStore.getInitialState(),
      planned: { status: 'working', job: 'job-2', done: 0, total: 0 } as const,
    }
    const event = (job: string) => ({ kind: 'plan', job, event: { type: 'plan', plan } }) as const
    expect(reducePlanning(state, [event('job-1')])).toBe(state)
    expect(reducePlanning(state, [event('job-2')]).planned).toEqual({ status: 'ready', plan })
  })

  it('a crash of the engine ends it', () => {
    const state = {
      ...planningStore.getInitialState(),
      planned: { status: 'working', job: 'job-2', done: 1, total: 3 } as const,
    }
    const status = { state: 'crashed', message: '', remedy: '', restarts: 1, processId: null } as const
    expect(reducePlanning(state, [{ kind: 'engine', status }]).planned.status).toBe('none')
  })

  it('proposed settings bring their own figures, judged by the same limits', () => {
    const adopted = adopt(plan, proposal, 3600)
    expect(adopted.fits).toEqual({ time: true, memory: true, disk: true })
    expect(adopted.proposals).toEqual([])
    expect(adopted.legalSizesPx).toEqual([])
    const quicker = { ...proposal, label: 'Less', estimate: { ...estimate, seconds: 60 } }
    expect(adopt({ ...plan, proposals: [proposal, quicker] }, proposal, null).proposals).toEqual([quicker])
    expect(adopt(plan, proposal, 900).fits.time).toBe(false)
  })

  it('an option at its default and one that is left out are told apart from others', () => {
    expect(isSameTraining(training, { recipe: 'pix2pix', options: { steps: 1000 } })).toBe(true)
    expect(isSameTraining(training, proposal.training)).toBe(false)
  })
})
