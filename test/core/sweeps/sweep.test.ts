import { describe, expect, it } from 'vitest'
import { recipes } from '../../../src/core/recipes/index.ts'
import { parseSweep } from '../../../src/core/sweeps/parse.ts'
import { planLadder } from '../../../src/core/sweeps/plan.ts'
import { ladderOfSweep, settingsOf, trainingOf, variableOptions } from '../../../src/core/sweeps/settings.ts'
import { contestantsOf, nextWork, standingsOf, stepsDone } from '../../../src/core/sweeps/standing.ts'
import type { Sweep, SweepRequest } from '../../../src/core/sweeps/sweep.ts'
import { parseVaryFlag } from '../../../src/core/sweeps/vary.ts'

const request: SweepRequest = {
  training: { recipe: 'pix2pix', options: { steps: 400 } },
  vary: [
    { kind: 'values', option: 'learningRate', values: [1e-4, 2e-4, 4e-4] },
    { kind: 'values', option: 'ngf', values: [16, 32] },
  ],
  draws: null,
  eta: 2,
  measure: null,
  seed: 1,
  threads: null,
}

function begun(changes: Partial<SweepRequest> = {}, measure: Sweep['measure'] = 'l1'): Sweep {
  const asked = { ...request, ...changes }
  return {
    schema: 1,
    sweep: 'sweep-001',
    request: asked,
    steps: 400,
    measure,
    datasetFingerprint: 'f',
    trials: settingsOf(asked).map((settings) => ({ settings, run: null, results: [], failure: null })),
  }
}

/** Measures whatever is next until nothing is. @returns the sweep after each step, and who was trained in which order */
function play(from: Sweep, valueOf: (index: number, rung: number) => number | null | 'fails') {
  const all = [from]
  for (let work = nextWork(from), sweep = from; work; work = nextWork(sweep)) {
    const { index, rung } = work
    const value = valueOf(index, rung)
    sweep = {
      ...sweep,
      trials: sweep.trials.map((trial, place) => {
        if (place !== index) return trial
        if (value === 'fails') return { ...trial, failure: { code: 'not-finite', message: 'm', remedy: 'r' } }
        return { ...trial, results: [...trial.results, { value, low: null, high: null }] }
      }),
    }
    all.push(sweep)
  }
  return { all, end: all.at(-1) ?? from }
}

describe('the ladder', () => {
  it('keeps the best ceil(n / eta), spends each step once and ends on the steps that were asked for', () => {
    for (const eta of [2, 3])
      for (let count = 1; count <= 64; count += 1)
        for (const [steps, saveEvery] of [
          [20_000, 500],
          [997, 100],
          [64 * 3, 7],
        ] as const) {
          const { rungs, checkpointEvery, totalSteps } = planLadder(count, steps, eta, saveEvery)
          expect(rungs[0]?.runs).toBe(count)
          expect(rungs.at(-1)?.steps).toBe(steps)
          expect(rungs.at(-1)?.runs).toBeLessThanOrEqual(eta)
          expect(checkpointEvery).toBeLessThanOrEqual(saveEvery)
          let spent = 0
          for (const [index, rung] of rungs.entries()) {
            const before = rungs[index - 1]
            if (before) {
              expect(rung.runs).toBe(Math.ceil(before.runs / eta))
              expect(rung.steps).toBeGreaterThanOrEqual(eta * before.steps)
            }
            if (index < rungs.length - 1) expect(rung.steps % checkpointEvery).toBe(0)
            spent += rung.runs * (rung.steps - (before?.steps ?? 0))
          }
          expect(totalSteps).toBe(spent)
          // Halving is what it is for: at most as much for each rung as one of them costs.
          expect(totalSteps).toBeLessThanOrEqual(count * steps)
        }
  })

  it('of six settings and 400 steps is 6 to 100, 3 to 200, 2 to 400', () => {
    const { rungs, totalSteps, checkpointEvery } = planLadder(6, 400, 2, 500)
    expect(rungs).toEqual([
      { runs: 6, steps: 100 },
      { runs: 3, steps: 200 },
      { runs: 2, steps: 400 },
    ])
    expect([totalSteps, checkpointEvery]).toEqual([1300, 100])
  })

  it('is refused where the steps are too few for it', () => {
    expect(() => planLadder(64, 31, 2, 500)).toThrow('31 steps are too few to tell 64 settings apart')
  })
})

describe('the settings', () => {
  it('are every combination, the first option slowest, each once', () => {
    expect(settingsOf(request)).toEqual([
      { learningRate: 1e-4, ngf: 16 },
      { learningRate: 1e-4, ngf: 32 },
      { learningRate: 2e-4, ngf: 16 },
      { learningRate: 2e-4, ngf: 32 },
      { learningRate: 4e-4, ngf: 16 },
      { learningRate: 4e-4, ngf: 32 },
    ])
    const twice = { ...request, vary: [{ kind: 'values' as const, option: 'ngf', values: [16, 16, 8] }] }
    expect(settingsOf(twice)).toHaveLength(2)
  })

  it('or draws: a function of the seed, within their range, each order of magnitude alike', () => {
    const drawn: SweepRequest = {
      ...request,
      draws: 40,
      vary: [
        { kind: 'range', option: 'learningRate', low: 1e-5, high: 1e-3 },
        { kind: 'range', option: 'ngf', low: 8, high: 64 },
      ],
    }
    const settings = settingsOf(drawn)
    expect(settings).toHaveLength(40)
    expect(settingsOf(drawn)).toEqual(settings)
    expect(settingsOf({ ...drawn, seed: 2 })).not.toEqual(settings)
    const rates = settings.map(({ learningRate }) => Number(learningRate))
    for (const rate of rates) expect(rate >= 1e-5 && rate <= 1e-3).toBe(true)
    const low = rates.filter((rate) => rate < 1e-4).length
    expect(low).toBeGreaterThan(10)
    expect(low).toBeLessThan(30)
    for (const { ngf } of settings) expect(Number.isInteger(ngf)).toBe(true)
  })

  it('are refused by name where they make no sense', () => {
    const vary = (option: string, values: number[]) => [{ kind: 'values' as const, option, values }]
    const ask = (changes: Partial<SweepRequest>) => () => settingsOf({ ...request, ...changes })
    expect(ask({ vary: vary('ngff', [1]) })).toThrow('ngff')
    expect(ask({ vary: vary('ngf', [16, -1]) })).toThrow('ngf cannot take the value -1')
    expect(ask({ vary: vary('steps', [1, 2]) })).toThrow('steps cannot be varied')
    expect(ask({ vary: vary('cropSizePx', [64, 128]) })).toThrow('cropSizePx cannot be varied')
    expect(ask({ vary: [...vary('ngf', [1]), ...vary('ngf', [2])] })).toThrow('ngf is varied twice')
    expect(ask({ vary: [{ kind: 'range', option: 'ngf', low: 1, high: 9 }] })).toThrow('drawn at random')
    const many = Array.from({ length: 60 }, (_, index) => index + 1)
    expect(ask({ vary: [...vary('ngf', many), ...vary('ndf', many)] })).toThrow('at most 64')
  })

  it('are trained as long as the last rung and saved on every rung', () => {
    const { options } = trainingOf(begun(), { ngf: 16 })
    expect(options).toMatchObject({ steps: 400, checkpointEvery: 100, ngf: 16 })
    recipes.pix2pix.options.parse(options)
    expect(variableOptions('pix2pix').map(({ key }) => key)).not.toContain('steps')
  })
})

describe('the standing', () => {
  const better = [0.6, 0.5, 0.1, 0.2, 0.4, 0.3]

  it('takes the better half through each rung, by the direction of the measure', () => {
    const { end, all } = play(begun(), (index) => better[index] ?? 0)
    expect(contestantsOf(end)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [2, 3, 5],
      [2, 3],
    ])
    const table = standingsOf(end)
    expect(table.map(({ index }) => index)).toEqual([2, 3, 5, 4, 1, 0])
    expect(table.map(({ state }) => state)).toEqual(['won', 'out', 'out', 'out', 'out', 'out'])
    expect(table.map(({ outStep }) => outStep)).toEqual([null, 400, 200, 100, 100, 100])
    expect(stepsDone(end)).toBe(ladderOfSweep(end).totalSteps)
    const steps = all.map(stepsDone)
    expect([...steps].sort((one, other) => one - other)).toEqual(steps)

    const higher = play(begun({}, 'ssim'), (index) => better[index] ?? 0).end
    expect(standingsOf(higher).map(({ index }) => index)).toEqual([0, 1, 4, 5, 3, 2])
  })

  it('puts what failed or could not be measured last and goes on without it', () => {
    const values = [0.6, 'fails', 0.1, null, 'fails', 0.3] as const
    const { end } = play(begun(), (index) => values[index] ?? null)
    expect(contestantsOf(end)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 2, 5],
      [2, 5],
    ])
    expect(standingsOf(end).map(({ index, state }) => [index, state])).toEqual([
      [2, 'won'],
      [5, 'out'],
      [0, 'out'],
      [3, 'out'],
      [1, 'failed'],
      [4, 'failed'],
    ])
    const none = play(begun(), () => 'fails').end
    expect(nextWork(none)).toBeNull()
    expect(standingsOf(none).every(({ state }) => state === 'failed')).toBe(true)
  })
})

describe('a sweep on disk', () => {
  const good = play(begun(), (index) => index).all[4] as Sweep

  it('is read back as it was written', () => {
    expect(parseSweep(JSON.parse(JSON.stringify(good)), 'x.json')).toEqual(good)
  })

  it('is refused with a sentence that names the file, whatever is wrong with it', () => {
    const hostile: [string, unknown][] = [
      ['it is not the file of a sweep', undefined],
      ['it is not the file of a sweep', []],
      ['sweep is not what it should be', { ...good, sweep: '../../etc/passwd' }],
      ['trials.0.run is not', { ...good, trials: [{ ...good.trials[0], run: '../run-001' }] }],
      ['steps is not', { ...good, steps: 1e400 }],
      ['its settings are not those', { ...good, trials: good.trials.slice(1) }],
      [
        'two of its settings share a run',
        { ...good, trials: good.trials.map((t) => ({ ...t, run: 'run-001' })) },
      ],
      [
        'results of rounds that were not reached',
        {
          ...good,
          trials: good.trials.map((t, i) => (i > 0 ? t : { ...t, results: [t.results[0], t.results[0]] })),
        },
      ],
      [
        'There is no option named ngff',
        { ...good, request: { ...request, vary: [{ kind: 'values', option: 'ngff', values: [1] }] } },
      ],
      ['too few', { ...good, steps: 1 }],
    ]
    for (const [why, json] of hostile)
      expect(() => parseSweep(json, 'sweeps/x.json'), why).toThrow(
        expect.objectContaining({
          refusal: expect.objectContaining({
            code: 'sweep-damaged',
            message: expect.stringMatching(new RegExp(`^sweeps/x\\.json cannot be used: .*${why}`)) as string,
          }) as object,
        }),
      )
    expect(() => parseSweep({ ...good, schema: 2 }, 'x.json')).toThrow('newer version')
  })
})

describe('--vary', () => {
  it('names values or a range, of an option by its flag or its key', () => {
    expect(parseVaryFlag('pix2pix', 'learning-rate=1e-4, 2e-4,2e-4')).toEqual({
      kind: 'values',
      option: 'learningRate',
      values: [1e-4, 2e-4],
    })
    expect(parseVaryFlag('pix2pix', 'learningRate=1e-5..1e-3')).toEqual({
      kind: 'range',
      option: 'learningRate',
      low: 1e-5,
      high: 1e-3,
    })
    expect(parseVaryFlag('pix2pix', 'flip=true,false')).toMatchObject({ values: [true, false] })
  })

  it('is refused with what was typed and what would be right', () => {
    expect(() => parseVaryFlag('pix2pix', 'lerning-rate=1')).toThrow('Did you mean learning-rate?')
    expect(() => parseVaryFlag('pix2pix', 'ngf')).toThrow('--vary ngf names no values')
    expect(() => parseVaryFlag('pix2pix', 'ngf=16,many')).toThrow('--vary ngf cannot take "many"')
    expect(() => parseVaryFlag('pix2pix', 'ngf=16,')).toThrow('--vary ngf cannot take ""')
  })
})
