import { describe, expect, it } from 'vitest'
import type { WindowEvent } from '../../src/core/contract/index.ts'
import type { FileHandle } from '../../src/core/files.ts'
import { parseOptions } from '../../src/core/options/parse.ts'
import { optionsFor } from '../../src/core/recipes/fitting.ts'
import { recipes } from '../../src/core/recipes/index.ts'
import { presets } from '../../src/core/presets/index.ts'
import { findingFor, notices, type NoticeCode } from '../../src/core/training/notices.ts'
import { newRunProgress } from '../../src/core/training/reducer.ts'
import { nextShown } from '../../src/renderer/components/comparison/compareStore.ts'
import { layOutGrid, moveInGrid } from '../../src/renderer/components/CellGrid.tsx'
import { canResume, stateOf } from '../../src/renderer/features/train/runState.ts'
import {
  chooseKind,
  choosePreset,
  isComplete,
  noChoice,
  offerName,
  placeFolders,
  recipesFor,
  trainingOf,
} from '../../src/renderer/stores/choosing.ts'
import { isLive, liveJobOfRun, newJob, reduceJobs } from '../../src/renderer/stores/jobs.ts'
import type { Jobs } from '../../src/renderer/stores/jobs.ts'
import { mergeProgress, reduceRuns, runsStore } from '../../src/renderer/stores/runs.ts'
import { setOption, setUpAgain, trainingStore } from '../../src/renderer/stores/training.ts'
import {
  countItems,
  exportItemsOf,
  newItem,
  pickVariant,
  reduceItems,
  type TranslationEvent,
} from '../../src/renderer/stores/translation.ts'
import { askedOf, optionsOf, type ModelView } from '../../src/renderer/stores/translate.ts'

const file = (name: string): FileHandle => ({ id: `handle-${name}`, name })
const at = { run: 'run-001', step: 10 }
const step = (number: number): WindowEvent => ({
  kind: 'train',
  job: 'job-1',
  event: {
    type: 'step',
    run: 'run-001',
    step: number,
    steps: 100,
    losses: { G_L1: 1 / number },
    learningRate: 2e-4,
    stepMs: 300,
    secondsLeft: 30,
  },
})
const crash: WindowEvent = {
  kind: 'engine',
  status: { state: 'crashed', message: 'It stopped.', remedy: 'Restart it.', restarts: 1, processId: null },
}

describe('reduceJobs', () => {
  it('follows a training job from its first event to its end', () => {
    let jobs: Jobs = {}
    jobs = reduceJobs(jobs, step(10))
    expect(jobs['job-1']).toMatchObject({
      run: 'run-001',
      done: 10,
      total: 100,
      state: 'running',
      secondsLeft: 30,
    })
    jobs = reduceJobs(jobs, { kind: 'train', job: 'job-1', event: { type: 'paused', ...at } })
    expect(jobs['job-1']).toMatchObject({ state: 'paused', secondsLeft: null })
    jobs = reduceJobs(jobs, { kind: 'train', job: 'job-1', event: { type: 'stopped', ...at } })
    expect(liveJobOfRun(jobs, 'run-001')).toBeUndefined()
  })
  it('a crash ends what was alive and nothing else', () => {
    const jobs = {
      'job-1': newJob('job-1', 'train', 'run-001'),
      'job-2': { ...newJob('job-2', 'report'), state: 'done' },
    } as const
    const after = reduceJobs(jobs, crash)
    expect(after['job-1']?.state).toBe('lost')
    expect(after['job-2']?.state).toBe('done')
    expect(Object.values(after).some(isLive)).toBe(false)
  })
  it('counts tiles of the picture in work as parts of it', () => {
    const jobs = reduceJobs(
      {},
      {
        kind: 'translate',
        job: 'job-3',
        event: { type: 'tile', index: 4, total: 8, tile: 1, tiles: 2, secondsLeft: null },
      },
    )
    expect(jobs['job-3']?.done).toBe(4.5)
  })
})

describe('reduceRuns', () => {
  it('is the same in one batch as one by one', () => {
    const events = Array.from({ length: 50 }, (_, index) => step(index + 1))
    const state = runsStore.getInitialState()
    const oneByOne = events.reduce((known, event) => reduceRuns(known, [event]), state)
    expect(reduceRuns(state, events)).toEqual(oneByOne)
    expect(oneByOne.progress['run-001']?.metrics).toHaveLength(50)
  })
  it('after a crash no run is called running', () => {
    const state = reduceRuns(runsStore.getInitialState(), [
      { kind: 'train', job: 'job-1', event: { type: 'continued', ...at } },
      crash,
    ])
    expect(state.progress['run-001']?.state).toBe('stopped')
  })
})

describe('mergeProgress', () => {
  it('puts what was stored before what was heard, without repeats', () => {
    const point = (number: number) => ({ step: number, losses: {}, learningRate: 1 })
    const stored = { ...newRunProgress<FileHandle>('run-001', 100), metrics: [1, 2, 3, 4].map(point) }
    const live = {
      ...newRunProgress<FileHandle>('run-001', 100),
      state: 'running' as const,
      metrics: [4, 5].map(point),
    }
    expect(mergeProgress(stored, live).metrics.map(({ step: number }) => number)).toEqual([1, 2, 3, 4, 5])
    expect(mergeProgress(stored, undefined)).toBe(stored)
  })
})

describe('reduceItems', () => {
  const items = ['a', 'b', 'c'].map((name) => newItem(file(name)))
  it('marks each picture, whatever the order of the batch, and the rest go on', () => {
    const refusal = { code: 'picture-broken', message: 'b ends too early.', remedy: 'Copy it again.' }
    let next = reduceItems(items, { type: 'tile', index: 0, total: 3, tile: 1, tiles: 4, secondsLeft: 9 })
    expect(next[0]).toMatchObject({ state: 'working', share: 0.25 })
    next = reduceItems(next, { type: 'item-failed', index: 0, total: 3, input: file('b'), refusal })
    next = reduceItems(next, {
      type: 'translated',
      index: 1,
      total: 3,
      input: file('a'),
      output: file('a2'),
      widthPx: 2,
      heightPx: 2,
      secondsLeft: null,
    })
    expect(next.map(({ state }) => state)).toEqual(['done', 'failed', 'waiting'])
    expect(next[1]?.refusal).toEqual(refusal)
    expect(countItems(next)).toEqual({ waiting: 1, working: 0, done: 1, skipped: 0, failed: 1 })
  })
  it('gathers the variants of a picture, which is done with the last of them; another can be picked', () => {
    const told = (index: number, picture: string, number: number): TranslationEvent => ({
      ...{ type: 'translated', index, total: 6, secondsLeft: null, widthPx: 2, heightPx: 2 },
      ...{ input: file(picture), output: file(`${picture}_${number}`) },
      variant: { number, of: 2, styleSeed: 7 },
    })
    let next = reduceItems(items, {
      ...{ type: 'tile', index: 3, total: 6, tile: 1, tiles: 2, secondsLeft: null },
      variant: { number: 2, of: 2, styleSeed: 7 },
    })
    expect(next.map(({ share }) => share)).toEqual([0, 0.75, 0])
    next = reduceItems(next, told(0, 'a', 1))
    expect(next[0]).toMatchObject({ state: 'working', share: 0.5, output: file('a_1') })
    next = reduceItems(next, told(1, 'a', 2))
    expect(next[0]).toMatchObject({ state: 'done', output: file('a_1') })
    expect(next[0]?.variants.map(({ file: one }) => one)).toEqual([file('a_1'), file('a_2')])
    const picked = pickVariant(next, 0, next[0]!.variants[1]!)
    expect(exportItemsOf(picked, false)).toEqual([{ before: file('a'), after: file('a_2') }])
    expect(exportItemsOf(picked, true)).toEqual(
      [1, 2].map((number) => ({
        before: file('a'),
        after: file(`a_${number}`),
        variant: { number, styleSeed: 7 },
      })),
    )
    // A variant that fails leaves the others, and says so.
    const refusal = { code: 'disk-full', message: 'The disk is full.', remedy: 'Free some space.' }
    next = reduceItems(reduceItems(items, told(0, 'a', 1)), {
      ...{ type: 'item-failed', index: 1, total: 6, input: file('a'), refusal },
      variant: { number: 2, of: 2, styleSeed: 7 },
    })
    expect(next[0]).toMatchObject({ state: 'failed', refusal, output: file('a_1') })
    expect(next[0]?.variants).toHaveLength(1)
  })
  it('a stopped batch leaves nothing at work', () => {
    const working = reduceItems(items, {
      type: 'tile',
      index: 1,
      total: 3,
      tile: 1,
      tiles: 4,
      secondsLeft: 9,
    })
    const done = {
      type: 'translate-done',
      translated: 0,
      failed: 0,
      skipped: 0,
      cancelled: true,
      output: file('out'),
    } as const
    expect(countItems(reduceItems(working, done)).working).toBe(0)
  })
})

describe('choosing data', () => {
  it('two folders dropped at once are A and B by name, one goes where it was dropped', () => {
    const both = placeFolders(noChoice, 'a', [file('B'), file('A')])
    expect(both.folders).toEqual({ a: file('A'), b: file('B') })
    expect(placeFolders(noChoice, 'b', [file('A')]).folders).toEqual({ b: file('A') })
    expect(placeFolders(noChoice, 'b', [])).toBe(noChoice)
  })
  it('another kind keeps the folders and options of the same key, and nothing else', () => {
    const paired = placeFolders(noChoice, 'a', [file('A'), file('B')])
    const unpaired = chooseKind({ ...paired, options: { testShare: 0.2 } }, 'unpaired-folders')
    expect(unpaired).toMatchObject({ folders: paired.folders, options: { testShare: 0.2 } })
    const derived = chooseKind({ ...unpaired, options: { scoreByName: true } }, 'derived-pairs')
    expect(derived).toMatchObject({ kind: 'derived-pairs', folders: {}, options: {} })
  })
  it('is complete when each declared folder is there, and names the project after them', () => {
    const one = placeFolders(noChoice, 'a', [file('day')])
    expect(isComplete(one)).toBe(false)
    const two = placeFolders(one, 'b', [file('night')])
    expect(isComplete(two)).toBe(true)
    expect(offerName(two)).toBe('day to night')
  })
  it('a preset brings how pictures are spoiled and how to train, and takes it away again', () => {
    const dealt = { ...noChoice, options: { testShare: 0.2 } }
    const grey = choosePreset(dealt, 'colourise')
    expect(grey).toMatchObject({ kind: 'derived-pairs', options: { testShare: 0.2, grey: true } })
    expect(trainingOf(grey)).toBe(presets.colourise.training)
    expect(choosePreset(grey, 'denoise').options).not.toHaveProperty('grey')
    expect(choosePreset(grey, null).options).toEqual({ testShare: 0.2 })
    expect(trainingOf(chooseKind(grey, 'side-by-side'))).toBeNull()
  })
  it('offers only recipes that can learn from such data', () => {
    expect(recipesFor('paired-folders')).toContain('pix2pix')
    expect(recipesFor('unpaired-folders')).toContain('cyclegan')
    expect(recipesFor('unpaired-folders')).not.toContain('pix2pix')
  })
})

describe('small laws', () => {
  it('an option set to undefined is back at its default', () => {
    expect(setOption({ steps: 5, ngf: 8 }, 'steps', undefined)).toEqual({ ngf: 8 })
    expect(setOption({}, 'steps', null)).toEqual({ steps: null })
  })
  it('a run that the disk calls running but nobody works on can be resumed', () => {
    expect(stateOf('running', undefined)).toBe('interrupted')
    expect(canResume(stateOf('running', undefined))).toBe(true)
    expect(canResume(stateOf('running', newJob('job-1', 'train')))).toBe(false)
    expect(canResume(stateOf('done', undefined))).toBe(false)
  })
  it('Space turns over and over', () => {
    expect(nextShown('both')).toBe('before')
    expect(nextShown(nextShown('both'))).toBe('after')
  })
  it('the grid fills its width, and arrows stay inside', () => {
    for (const widthPx of [240, 706, 1500]) {
      const { columns, cellPx } = layOutGrid(widthPx, { leastPx: 216, heightShare: 0.5 })
      expect(columns * cellPx + (columns - 1) * 12).toBeCloseTo(widthPx)
    }
    expect(moveInGrid(-1, 'ArrowDown', 3, 9)).toBe(0)
    expect(moveInGrid(4, 'ArrowDown', 3, 9)).toBe(7)
    expect(moveInGrid(8, 'ArrowRight', 3, 9)).toBe(8)
    expect(moveInGrid(1, 'ArrowUp', 3, 9)).toBe(1)
  })
})

describe('another recipe in the form of a new run', () => {
  it('keeps what was changed and what that recipe takes, too', () => {
    const changed = { cropSizePx: 128, netG: 'resnet_6blocks', poolSize: 20, steps: 600 }
    expect(optionsFor('fastcut', changed)).toEqual({ cropSizePx: 128, netG: 'resnet_6blocks', steps: 600 })
  })

  it('leaves what it cannot take', () => {
    expect(optionsFor('cyclegan', { netG: 'no such network', cropSizePx: 128 })).toEqual({ cropSizePx: 128 })
  })
})

describe('the remedy of a notice, in one click', () => {
  const changed = { steps: 900, cropSizePx: 128, learningRate: 1e-6, judgeRate: 2 }
  const options = parseOptions(recipes.cyclegan.options, changed)
  it('sets up the run as it was, with what the remedy changes', () => {
    for (const code of Object.keys(notices) as NoticeCode[]) {
      const { change } = findingFor({ code }, 'cyclegan', options)
      if (!change) continue
      setUpAgain('cyclegan', options, change)
      const form = trainingStore.getState()
      expect(form).toEqual({ recipe: 'cyclegan', options: { ...changed, ...change }, preset: '' })
      const next = parseOptions(recipes.cyclegan.options, form.options)
      expect(next, code).toMatchObject(change)
      expect(next).not.toEqual(options)
    }
  })
})

describe('what a translation asks of its model', () => {
  const modelWith = (condition: { latent: number; labels: string[] } | undefined) =>
    ({ file: file('m'), origin: 'project', bytes: 1, header: { condition } }) as unknown as ModelView
  const keysOf = (model: ModelView) => optionsOf(model).map(({ key }) => key)

  it('is neither a look nor variants where there is one answer, even if another model was told them', () => {
    const plain = modelWith(undefined)
    expect(keysOf(plain)).not.toContain('label')
    expect(keysOf(plain)).not.toContain('variants')
    expect(askedOf(plain, { label: 'winter', variants: 4 })).toMatchObject({ label: '', variants: null })
  })

  it('is one of the looks that the model knows, the first unless chosen, never one of another model', () => {
    const seasons = modelWith({ latent: 0, labels: ['summer', 'winter'] })
    const look = optionsOf(seasons).find(({ key }) => key === 'label')
    expect(look).toMatchObject({ kind: 'choice', level: 'simple', defaultValue: 'summer' })
    expect(look?.choices.map(({ value }) => value)).toEqual(['summer', 'winter'])
    expect(askedOf(seasons, {}).label).toBe('summer')
    expect(askedOf(seasons, { label: 'winter' }).label).toBe('winter')
    expect(askedOf(seasons, { label: 'autumn' }).label).toBe('summer')
  })

  it('is how many variants where there are many answers', () => {
    const many = modelWith({ latent: 8, labels: [] })
    expect(keysOf(many)).toContain('styleSeed')
    expect(askedOf(many, { variants: 3 }).variants).toBe(3)
  })
})
