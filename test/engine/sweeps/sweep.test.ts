import { readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ladderOfSweep, trainingOf } from '../../../src/core/sweeps/settings.ts'
import { standingsOf } from '../../../src/core/sweeps/standing.ts'
import type { Sweep, SweepRequest } from '../../../src/core/sweeps/sweep.ts'
import { realEdges, type Edges } from '../../../src/engine/training/edges.ts'
import { resumeSweep, startSweep, type SweepEvent } from '../../../src/engine/sweeps/run.ts'
import { planSweep } from '../../../src/engine/sweeps/plan.ts'
import { listSweeps, readSweep } from '../../../src/engine/storage/sweeps.ts'
import { createProject } from '../../../src/engine/storage/project.ts'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { startRun } from '../../../src/engine/training/run.ts'
import { hashOf } from '../training/support/killing.ts'
import { breakingTrainers } from '../training/support/running.ts'
import { createTinyProject, settings } from '../training/support/tinyProject.ts'

const never = new AbortController().signal

/** A learning rate of 1e-7 learns nothing: hopeless, and planted in the middle. */
const HOPELESS = 1e-7

function ask(changes: Partial<SweepRequest> = {}, options: Record<string, unknown> = {}): SweepRequest {
  return {
    training: settings({ sampleEvery: 1000, ...options }),
    vary: [{ kind: 'values', option: 'learningRate', values: [2e-3, HOPELESS, 4e-3] }],
    draws: null,
    eta: 2,
    measure: null,
    seed: 1,
    threads: 2,
    ...changes,
  }
}

/** Follows to the end, or until `stopAt` says so; a generator that is left like that is what a kill leaves on disk. */
async function follow(
  events: AsyncGenerator<SweepEvent>,
  stopAt: (event: SweepEvent) => boolean = () => false,
): Promise<{ last: SweepEvent; all: SweepEvent[] }> {
  const all: SweepEvent[] = []
  for await (const event of events) {
    all.push(event)
    if (stopAt(event)) break
  }
  const last = all.at(-1)
  if (!last) throw new Error('Nothing was told.')
  return { last, all }
}

function sweepOf(event: SweepEvent): Sweep {
  if ('sweep' in event) return event.sweep
  throw new Error(`${event.type} tells no sweep.`)
}

const withEdges = (edges: Partial<Edges>): Edges => ({ ...realEdges, ...edges })

function statesOf(project: string, run: string | null): string[] {
  return readdirSync(join(project, 'runs', run ?? '', 'checkpoints'))
}

// A busy machine takes its time.
describe('a sweep', { timeout: 180_000 }, () => {
  it('drops the hopeless setting first, and trains the best as if it had been trained alone', async () => {
    const project = await createTinyProject()
    const { last, all } = await follow(startSweep(project, ask(), never))
    expect(last.type).toBe('sweep-done')
    const sweep = sweepOf(last)
    expect(ladderOfSweep(sweep).rungs).toEqual([
      { runs: 3, steps: 12 },
      { runs: 2, steps: 24 },
    ])
    const table = standingsOf(sweep)
    const losing = table.find(({ state, outStep }) => state === 'out' && outStep === 12)
    expect(losing?.trial.settings).toEqual({ learningRate: HOPELESS })
    expect(table.at(-1)).toBe(losing)
    expect(table[0]?.state).toBe('won')

    // Each run was trained over each step once.
    const steps = all.flatMap((event) =>
      event.type === 'sweep-run' && event.event.type === 'step' ? [event] : [],
    )
    expect(steps).toHaveLength(ladderOfSweep(sweep).totalSteps)
    expect(steps.map(({ done }) => done)).toEqual(steps.map((_, index) => index + 1))

    // The measure is what the runs recorded.
    for (const { trial } of table) {
      const view = await getRun(project, trial.run ?? '')
      const newest = view.checkpoints.at(-1)
      expect(trial.results.at(-1)?.value).toBe(newest?.validationL1)
    }
    expect(statesOf(project, losing?.trial.run ?? '')).toEqual(['00000012'])
    expect(statesOf(project, table[1]?.trial.run ?? '')).toEqual(['00000024'])
    expect(statesOf(project, table[0]?.trial.run ?? '').length).toBeGreaterThan(1)

    const alone = await createTinyProject()
    const training = trainingOf(sweep, table[0]?.trial.settings ?? {})
    for await (const event of startRun({ projectFolder: alone, training, threads: 2 }))
      if (event.type === 'failed') throw new Error(event.refusal.message)
    const [own, other] = [await getRun(project, table[0]?.trial.run ?? ''), await getRun(alone, 'run-001')]
    expect(await hashOf(own.model?.path ?? '')).toBe(await hashOf(other.model?.path ?? ''))
    expect(own.metrics).toEqual(other.metrics)
    const state = (folder: string, run: string) =>
      hashOf(join(folder, 'runs', run, 'checkpoints', '00000024', 'state.safetensors'))
    expect(await state(project, own.summary.run)).toBe(await state(alone, 'run-001'))
  })

  it('stopped or left at any moment and resumed gives the same table', async () => {
    const [whole, broken] = [await createTinyProject(), await createTinyProject()]
    const expected = sweepOf((await follow(startSweep(whole, ask(), never))).last)

    const abort = new AbortController()
    const isStep = (event: SweepEvent, step: number) =>
      event.type === 'sweep-run' && event.event.type === 'step' && event.event.step === step
    const stopped = await follow(startSweep(broken, ask(), abort.signal), (event) => {
      if (isStep(event, 5)) abort.abort()
      return false
    })
    expect(stopped.last.type).toBe('sweep-stopped')
    // Left between two steps, right after a rung was saved, before it was measured, and as a run began.
    await follow(resumeSweep(broken, undefined, never), (event) => isStep(event, 9))
    await follow(
      resumeSweep(broken, undefined, never),
      (event) => event.type === 'sweep-run' && event.event.type === 'checkpoint' && event.event.step === 12,
    )
    let starts = 0
    await follow(
      resumeSweep(broken, 'sweep-001', never),
      (event) => event.type === 'sweep-run' && event.event.type === 'run-started' && (starts += 1) === 2,
    )
    const { last } = await follow(resumeSweep(broken, undefined, never))
    expect(last.type).toBe('sweep-done')
    expect(sweepOf(last).trials).toEqual(expected.trials)
    for (const { run } of expected.trials) expect(statesOf(broken, run)).toEqual(statesOf(whole, run))
    await expect(follow(resumeSweep(broken, 'sweep-001', never))).rejects.toThrow('has compared all')
  })

  it('goes on without a setting whose losses become infinite', async () => {
    const project = await createTinyProject()
    const edges = withEdges(breakingTrainers((step, rate) => step > 4 && rate < 1e-6))
    const { last } = await follow(startSweep(project, ask(), never, edges))
    const table = standingsOf(sweepOf(last))
    expect(table.map(({ state }) => state)).toEqual(['won', 'out', 'failed'])
    expect(table[2]?.trial.failure?.code).toBe('not-finite')
    expect(table[2]?.trial.settings).toEqual({ learningRate: HOPELESS })
  })

  it('ends where a run cannot go on for reasons of its own, and can be resumed', async () => {
    const project = await createTinyProject()
    let full = false
    const edges = withEdges({
      freeBytes: (folder) => (full ? Promise.resolve(0) : realEdges.freeBytes(folder)),
    })
    await expect(
      follow(startSweep(project, ask(), never, edges), (event) => {
        if (event.type === 'sweep-run' && event.event.type === 'step') full ||= event.event.step === 3
        return false
      }),
    ).rejects.toThrow('free on the disk')
    const { last } = await follow(resumeSweep(project, undefined, never))
    expect(last.type).toBe('sweep-done')
  })

  it('without pairs compares by KID, with its interval', async () => {
    const project = await createTinyProject('Unpaired', 'unpaired-folders')
    const training = {
      recipe: 'fastcut' as const,
      options: {
        ...{ netG: 'resnet_6blocks', cropSizePx: 16, loadSizePx: 18, ngf: 2, ndf: 2, nLayersD: 1 },
        ...{ steps: 4, sampleEvery: 100 },
      },
    }
    const vary = [{ kind: 'values' as const, option: 'ngf', values: [2, 3] }]
    const { last } = await follow(startSweep(project, ask({ training, vary }), never))
    expect(last.type).toBe('sweep-done')
    const sweep = sweepOf(last)
    expect(sweep.measure).toBe('kid')
    const [first] = standingsOf(sweep)
    expect(first?.result?.value).not.toBeNull()
    expect(first?.result?.low).toBeLessThan(first?.result?.high ?? -Infinity)
    await expect(follow(startSweep(project, ask({ training, vary, measure: 'l1' }), never))).rejects.toThrow(
      'no validation pairs',
    )
  })

  it('from noise compares by KID, too', async () => {
    const pairs = await createTinyProject()
    const project = join(pairs, '..', 'from-noise')
    const dataset = { kind: 'picture-folder' as const, options: { folder: join(pairs, '..', 'data', 'B') } }
    await createProject(project, { name: 'From noise', sample: null, dataset })
    const training = { recipe: 'gan' as const, options: { cropSizePx: 16, ngf: 2, ndf: 2, steps: 4 } }
    const vary = [{ kind: 'values' as const, option: 'ngf', values: [2, 3] }]
    const { last } = await follow(startSweep(project, ask({ training, vary }), never))
    const sweep = sweepOf(last)
    expect([last.type, sweep.measure]).toEqual(['sweep-done', 'kid'])
    for (const { results } of sweep.trials) expect(results.at(-1)?.value).not.toBeNull()
  })

  it('refuses what cannot be compared before anything is trained', async () => {
    const project = await createTinyProject()
    const vary = [{ kind: 'values' as const, option: 'ngf', values: [2, 0] }]
    await expect(follow(startSweep(project, ask({ vary }), never))).rejects.toThrow('ngf cannot take')
    expect(readdirSync(project)).not.toContain('runs')
    expect(await listSweeps(project)).toEqual({ sweeps: [], damaged: [] })
  })
})

describe('the file of a sweep', () => {
  it('is refused with one sentence where it is damaged, and hides no other', async () => {
    const project = await createTinyProject()
    await follow(startSweep(project, ask(), never), ({ type }) => type === 'sweep')
    const path = join(project, 'sweeps', 'sweep-001.json')
    const good = await readFile(path, 'utf8')
    await writeFile(join(project, 'sweeps', 'sweep-002.json'), good)
    await writeFile(join(project, 'sweeps', 'sweep-003.json'), `{"schema": 1, "deep": ${'['.repeat(9)}`)
    await writeFile(join(project, 'sweeps', 'sweep-004.json'), ' '.repeat(2e6) + good)
    await mkdir(join(project, 'sweeps', 'sweep-005.json'))
    const { sweeps, damaged } = await listSweeps(project)
    expect(sweeps.map(({ sweep }) => sweep)).toEqual(['sweep-001'])
    expect(damaged.map(({ code }) => code)).toEqual(Array(4).fill('sweep-damaged'))
    await expect(readSweep(project, 'sweep-002')).rejects.toThrow('it calls itself sweep-001')
    await expect(readSweep(project, '../project')).rejects.toThrow('There is no sweep named')

    await writeFile(path, good.replace('"learningRate": 1e-7', '"learningRate": 1'))
    await expect(follow(resumeSweep(project, 'sweep-001', never))).rejects.toThrow(
      'sweep-001.json cannot be used',
    )
    expect(await readFile(path, 'utf8')).toContain('"learningRate": 1\n')
  })

  it('is not gone on with over other pictures', async () => {
    const project = await createTinyProject()
    await follow(startSweep(project, ask(), never), ({ type }) => type === 'sweep')
    const path = join(project, 'sweeps', 'sweep-001.json')
    const good = await readFile(path, 'utf8')
    await writeFile(path, good.replace(/"datasetFingerprint": "[^"]*"/, '"datasetFingerprint": "other"'))
    await expect(follow(resumeSweep(project, undefined, never))).rejects.toThrow(
      'are not those that sweep-001',
    )
  })
})

it('a plan measures each width and adds up what all runs take', async () => {
  const project = await createTinyProject()
  const vary: SweepRequest['vary'] = [
    { kind: 'values', option: 'ngf', values: [2, 16] },
    { kind: 'values', option: 'learningRate', values: [1e-4, 2e-4] },
  ]
  const totals = new Set<number>()
  for await (const event of planSweep(project, ask({ vary }), never)) {
    if (event.type === 'plan-progress') totals.add(event.total)
    if (event.type !== 'sweep-plan') continue
    const { plan } = event
    expect(plan.rungs.map(({ runs }) => runs)).toEqual([4, 2])
    expect(plan.isMeasured).toBe(true)
    expect(plan.seconds).toBeGreaterThan(0)
    expect(plan.mostSeconds).toBeGreaterThanOrEqual(plan.seconds)
  }
  // Two widths, whatever the rates.
  expect(totals.size).toBe(1)
  expect(readdirSync(project)).not.toContain('runs')
})
