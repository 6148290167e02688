import { describe, expect, it } from 'vitest'
import type { WindowEvent } from '../../src/core/contract/index.ts'
import type { FileHandle } from '../../src/core/files.ts'
import { generateOptions } from '../../src/core/generation/events.ts'
import { modelHeader } from '../../src/core/models/modelHeader.ts'
import {
  canGoOn,
  generateStore,
  optionsOf,
  reduceGenerate,
  walkOptionsOf,
  workOf,
} from '../../src/renderer/stores/generate.ts'
import { newJob, reduceJobs } from '../../src/renderer/stores/jobs.ts'
import type { ModelView } from '../../src/renderer/stores/translate.ts'
import { headerFor } from '../engine/inference/models.ts'

const file = (name: string): FileHandle => ({ id: `handle-${name}`, name })

function modelOf(task: 'generate' | 'translate', labels: readonly string[]): ModelView {
  const header = headerFor('resnet_1blocks', {}, { task })
  const condition = { latent: task === 'generate' ? 4 : 0, labels }
  const known = task === 'generate' || labels.length > 0 ? { ...header, condition } : header
  return { file: file('model'), origin: 'project', bytes: 1, header: modelHeader.parse(known) } as ModelView
}

const keysOf = (model: ModelView, values = {}) => optionsOf(model, values).map(({ key }) => key)

describe('the options of a set', () => {
  const [byClass, plain] = [modelOf('generate', ['disc', 'square']), modelOf('generate', [])]
  const turning = modelOf('translate', [])
  it('are those that the model minds, and all others are asked of none', () => {
    expect(keysOf(byClass)).not.toContain('variants')
    expect(keysOf(byClass)).toEqual(expect.arrayContaining(['count', 'balance', 'dropLowest', 'worthSteps']))
    for (const key of ['classes', 'balance', 'balanceTo']) expect(keysOf(plain)).not.toContain(key)
    for (const key of ['count', 'dropLowest']) expect(keysOf(turning)).not.toContain(key)
    expect(keysOf(turning)).toContain('variants')
    const asked = new Set([byClass, plain, turning].flatMap((model) => keysOf(model)))
    for (const key of Object.keys(generateOptions.shape)) expect(asked).toContain(key)
  })
  it('ask for no number where rare classes are filled up, and for no steps without figures', () => {
    expect(keysOf(byClass, { balance: true })).not.toContain('count')
    expect(keysOf(byClass, { balanceTo: 40 })).not.toContain('count')
    expect(keysOf(byClass, { figures: false })).not.toContain('worthSteps')
  })
})

describe('the set in the window', () => {
  type Event = Extract<WindowEvent, { kind: 'generate' }>['event']
  const of = (event: Event): WindowEvent => ({ kind: 'generate', job: 'job-1', event })
  const started = (already: number) =>
    of({ type: 'generation-started', total: 4, already, output: file('set'), backend: 'CPU' })
  const generated = (index: number) =>
    of({ type: 'generated', index, total: 4, output: file(`${index}.png`), label: 'disc', secondsLeft: 1 })
  const done = (cancelled: boolean) =>
    of({
      type: 'generation-done',
      made: 2,
      leftOut: { alike: 0, known: 0, doubted: 0 },
      cancelled,
      output: file('set'),
    })
  const finding = of({ type: 'figures-progress', part: 'looks', done: 1, total: 2, secondsLeft: null })
  const idle = { ...generateStore.getInitialState(), job: 'job-1' }

  it('keeps its pictures when it goes on, and counts those of an earlier session', () => {
    const halted = reduceGenerate(idle, [started(0), generated(0), generated(1), done(true)])
    const whole = reduceGenerate(halted, [started(2), generated(2), generated(3), done(false)])
    expect(whole.made).toHaveLength(4)
    expect(whole.before).toBe(0)
    expect(reduceGenerate(idle, [started(3), generated(3)])).toMatchObject({ before: 3 })
  })
  it('can go on while the settings are those of the set that was stopped', () => {
    const model = modelOf('generate', ['disc', 'square'])
    const recipe = JSON.stringify([model.file.id, undefined, undefined, undefined, generateOptions.parse({})])
    const begun = { ...idle, begun: { recipe, output: file('set') } }
    expect(canGoOn(model, begun)).toBe(false)
    const halted = reduceGenerate(begun, [started(0), generated(0), done(true)])
    expect(canGoOn(model, halted)).toBe(true)
    expect(canGoOn(model, { ...halted, options: { figures: false } })).toBe(true)
    expect(canGoOn(model, { ...halted, options: { seed: 2 } })).toBe(false)
    expect(canGoOn(model, reduceGenerate(halted, [done(false)]))).toBe(false)
  })
  it('begins anew where nothing is there any more', () => {
    const halted = reduceGenerate(idle, [started(0), generated(0), done(true)])
    expect(reduceGenerate(halted, [started(0), generated(0)]).made).toHaveLength(1)
  })
  it('is a walk only where the model makes pictures from nothing', () => {
    expect(workOf(modelOf('generate', []), { work: 'walk' })).toBe('walk')
    expect(workOf(modelOf('translate', []), { work: 'walk' })).toBe('set')
    const walkKeys = (labels: string[]) => walkOptionsOf(modelOf('generate', labels)).map(({ key }) => key)
    expect(walkKeys(['disc'])).toEqual(['from', 'to', 'frames', 'classes', 'seed'])
    expect(walkKeys([])).not.toContain('classes')
  })
  it('says that figures were stopped, or lost with the engine', () => {
    expect(reduceGenerate(idle, [finding, done(true)]).figures).toMatchObject({ state: 'skipped' })
    const status = { state: 'crashed', message: '', remedy: '', restarts: 1, processId: null } as const
    const lost = reduceGenerate(idle, [finding, { kind: 'engine', status }])
    expect(lost.figures).toEqual({ state: 'skipped', reason: expect.stringContaining('engine') as string })
  })
  it('counts trial pictures by themselves', () => {
    const jobs = { 'job-1': newJob('job-1', 'generate') }
    const counted = { done: 512, total: 1024, secondsLeft: 30 }
    const trial = reduceJobs(jobs, of({ type: 'generation-trial', ...counted }))
    expect(trial['job-1']).toMatchObject({ ...counted, unit: 'trial pictures' })
    const made = reduceJobs(trial, generated(0))['job-1']
    expect(made).toMatchObject({ done: 1, total: 4 })
    expect(made).not.toHaveProperty('unit')
  })
})
