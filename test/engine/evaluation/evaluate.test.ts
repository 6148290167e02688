import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EvaluationEvent, EvaluationRow } from '../../../src/core/evaluation/events.ts'
import { evaluationEvent } from '../../../src/core/evaluation/events.ts'
import { tf } from '../../../src/engine/backends/tf.ts'
import { evaluateRun, type EvaluationRequest } from '../../../src/engine/evaluation/evaluate.ts'
import { writeReport } from '../../../src/engine/evaluation/report.ts'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { exportModel, pickModel } from '../../../src/engine/training/exportModel.ts'
import { follow as followRun, start } from '../training/support/running.ts'
import { createTinyProject } from '../training/support/tinyProject.ts'

const run = 'run-001'
const pixels = ['l1', 'psnr', 'ssim'] as const
const never = new AbortController().signal

async function trained(changes: Record<string, unknown> = {}): Promise<string> {
  const projectFolder = await createTinyProject()
  await followRun(start(projectFolder, changes))
  return projectFolder
}

async function evaluate(
  projectFolder: string,
  changes: Partial<EvaluationRequest> = {},
  signal: AbortSignal = never,
): Promise<{ events: EvaluationEvent[]; rows: EvaluationRow[] }> {
  const request = {
    projectFolder,
    run,
    split: 'val' as const,
    steps: 'all' as const,
    metrics: pixels,
    ...changes,
  }
  const events: EvaluationEvent[] = []
  for await (const event of evaluateRun(request, signal)) events.push(evaluationEvent.parse(event))
  const last = events.at(-1)
  return { events, rows: last?.type === 'evaluated' ? last.rows : [] }
}

const valueOf = (row: EvaluationRow | undefined, metric: string) =>
  row?.measurements.find((one) => one.metric === metric)

test('every saved state, thinned ones too, is scored on all held-out pairs, with interval and count', async () => {
  const projectFolder = await trained()
  const before = tf.memory().numTensors
  const { events, rows } = await evaluate(projectFolder)
  expect(tf.memory().numTensors).toBe(before)
  const { checkpoints, evaluations } = await getRun(projectFolder, run)
  expect(checkpoints.some(({ whole }) => !whole)).toBe(true)
  expect(rows.map(({ step }) => step)).toEqual(checkpoints.map(({ step }) => step))
  expect(evaluations).toEqual(rows)
  for (const { step, validationL1 } of checkpoints) {
    const l1 = valueOf(
      rows.find((row) => row.step === step),
      'l1',
    )
    expect(l1).toMatchObject({ count: 3, note: expect.stringContaining('3 pairs') })
    // What training measured on the same pairs, which are fewer than its most.
    if (validationL1 !== null) expect(l1?.value).toBeCloseTo(validationL1, 5)
    expect(l1?.low).toBeLessThanOrEqual(l1?.value ?? 0)
    expect(l1?.high).toBeGreaterThanOrEqual(l1?.value ?? 1)
  }
  const progress = events.filter((event) => event.type === 'evaluation-progress')
  expect(progress.at(-1)).toMatchObject({ done: 3 * rows.length, total: 3 * rows.length, secondsLeft: 0 })
})

test('the best and the newest state, some of them, and the test pictures can be asked for', async () => {
  const projectFolder = await trained()
  const { modelStep } = await getRun(projectFolder, run)
  const steps = async (choice: EvaluationRequest['steps']) =>
    (await evaluate(projectFolder, { steps: choice, metrics: ['l1'] })).rows.map(({ step }) => step)
  expect(await steps('best')).toEqual([modelStep])
  expect(await steps('last')).toEqual([24])
  expect(await steps([14, 7, 14])).toEqual([7, 14])
  await expect(steps([8])).rejects.toMatchObject({ refusal: { code: 'checkpoint-missing' } })
  const { rows } = await evaluate(projectFolder, { split: 'test', steps: 'best' })
  expect(valueOf(rows[0], 'l1')?.count).toBe(2)
  // The report scores the same pictures with the model file of the same state.
  let reported: number | undefined
  for await (const event of writeReport({ projectFolder, run }, never))
    if (event.type === 'report') reported = event.scores?.l1
  expect(valueOf(rows[0], 'l1')?.value).toBeCloseTo(reported ?? 0, 6)
})

test('what was scored before is not scored again, unless by another metric or when asked', async () => {
  const projectFolder = await trained({ steps: 14 })
  const first = await evaluate(projectFolder, { metrics: ['l1'] })
  const again = await evaluate(projectFolder, { metrics: ['l1'] })
  expect(again.rows).toEqual(first.rows)
  expect(again.events.map(({ type }) => type)).toEqual(['evaluated'])
  const more = await evaluate(projectFolder, { metrics: ['l1', 'ssim'] })
  expect(more.rows.map((row) => row.measurements.map(({ metric }) => metric))).toEqual([
    ['l1', 'ssim'],
    ['l1', 'ssim'],
  ])
  const fewer = await evaluate(projectFolder, { metrics: ['ssim'], again: true })
  expect(fewer.events.filter(({ type }) => type === 'checkpoint-evaluated')).toHaveLength(2)
  expect(fewer.rows).toEqual(more.rows)
})

test('an evaluation that is stopped keeps what it scored, and the next one scores the rest', async () => {
  const projectFolder = await trained()
  const abort = new AbortController()
  const seen: EvaluationEvent[] = []
  const stopped = (async () => {
    const request = { projectFolder, run, split: 'val' as const, steps: 'all' as const, metrics: pixels }
    for await (const event of evaluateRun(request, abort.signal)) {
      seen.push(event)
      if (seen.filter(({ type }) => type === 'checkpoint-evaluated').length === 2) abort.abort()
    }
  })()
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
  const kept = (await getRun(projectFolder, run)).evaluations
  expect(kept).toHaveLength(2)
  const { events, rows } = await evaluate(projectFolder)
  expect(rows.slice(0, 2)).toEqual(kept)
  expect(events.filter(({ type }) => type === 'checkpoint-evaluated')).toHaveLength(rows.length - 2)
})

test('a damaged state is told in its row and not kept; the others are scored', async () => {
  const projectFolder = await trained()
  const folder = join(projectFolder, 'runs', run, 'checkpoints', '00000007')
  const [weights = ''] = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'))
  await writeFile(join(folder, weights), 'broken')
  const { rows } = await evaluate(projectFolder)
  expect(valueOf(rows[0], 'l1')).toMatchObject({
    value: null,
    count: 0,
    note: expect.stringContaining('damaged'),
  })
  expect(rows.slice(1).every((row) => valueOf(row, 'l1')?.value !== null)).toBe(true)
  expect((await getRun(projectFolder, run)).evaluations.map(({ step }) => step)).not.toContain(7)
})

test('figures that rest on other pictures are not made, and old ones are not taken for new', async () => {
  const projectFolder = await trained({ steps: 7 })
  await rm(join(projectFolder, '..', 'data', 'A', 'test', '5.png'))
  await expect(evaluate(projectFolder)).rejects.toMatchObject({ refusal: { code: 'dataset-changed' } })
})

test('a picked state is what the report scores', async () => {
  const projectFolder = await trained()
  await exportModel({ projectFolder, step: 'best' })
  const { rows } = await evaluate(projectFolder, { split: 'test' })
  const reports: (number | undefined)[] = []
  for (const { step } of rows.slice(0, 2)) {
    await pickModel({ projectFolder, run, step })
    for await (const event of writeReport({ projectFolder }, never))
      if (event.type === 'report') reports.push(event.scores?.l1)
  }
  for (const [index, row] of rows.slice(0, 2).entries())
    expect(valueOf(row, 'l1')?.value).toBeCloseTo(reports[index] ?? 0, 6)
  expect(reports[0]).not.toBeCloseTo(reports[1] ?? 0, 6)
})
