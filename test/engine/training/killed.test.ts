import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { getRun } from '../../../src/engine/storage/runs.ts'
import { hashOf, trainAndKill } from './support/killing.ts'
import { createTinyProject, tinyTraining } from './support/tinyProject.ts'

test('killed at any moment and resumed equals never stopped, bit for bit', async () => {
  const [whole, broken] = [await createTinyProject('Never stopped'), await createTinyProject('Killed')]
  const expected = await trainAndKill(whole, 'start', tinyTraining)

  // Right after it began (no checkpoint yet), between checkpoints, and about when one is being written.
  await trainAndKill(broken, 'start', tinyTraining, { lines: 1, delayMs: 0 })
  await trainAndKill(broken, 'resume', tinyTraining, { lines: 6, delayMs: 3 })
  await trainAndKill(broken, 'resume', tinyTraining, { lines: 13, delayMs: 12 })
  await trainAndKill(broken, 'resume', tinyTraining, { lines: 10, delayMs: 0 })
  const ending = await trainAndKill(broken, 'resume', tinyTraining)

  const [a, b] = [expected.last?.model?.path ?? '', ending.last?.model?.path ?? '']
  expect(await hashOf(b)).toBe(await hashOf(a))
  expect((await readFile(b)).toString('latin1')).not.toContain('run-001')

  const [wholeRun, brokenRun] = [await getRun(whole, 'run-001'), await getRun(broken, 'run-001')]
  expect(brokenRun.summary.state).toBe('done')
  expect(brokenRun.metrics.map(({ step }) => step)).toEqual(
    Array.from({ length: tinyTraining.steps }, (_, index) => index + 1),
  )
  expect(brokenRun.metrics).toEqual(wholeRun.metrics)
  expect(brokenRun.samples.map(({ step }) => step)).toEqual(wholeRun.samples.map(({ step }) => step))
  expect(brokenRun.checkpoints).toEqual(wholeRun.checkpoints)
  for (const [index, { items }] of brokenRun.samples.entries())
    for (const [row, { visuals }] of items.entries())
      expect(await hashOf(visuals.fakeB?.path ?? '')).toBe(
        await hashOf(wholeRun.samples[index]?.items[row]?.visuals.fakeB?.path ?? ''),
      )
}, 120_000)

test('a run whose process was killed shows as stopped', async () => {
  const project = await createTinyProject()
  await trainAndKill(project, 'start', tinyTraining, { lines: 5, delayMs: 0 })
  expect((await getRun(project, 'run-001')).summary.state).toBe('stopped')
})
