// What the benches of learned models share: running the command line, the sample's photographs, and comparing contenders.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, parse, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Derivation } from '../src/core/datasets/derivedPairs.ts'
import type { SplitName } from '../src/core/datasets/report.ts'
import { metrics, type MetricId } from '../src/core/evaluation/metrics.ts'
import { counterOf } from '../src/core/random.ts'
import { deriveA } from '../src/engine/data/derive.ts'
import { planeOfPicture } from '../src/engine/data/derive/plane.ts'
import { figureOfMean } from '../src/engine/evaluation/means.ts'
import type { Plane } from '../src/engine/evaluation/metrics.ts'
import { createNetworks } from '../src/engine/evaluation/networks.ts'
import { isPairMetric, pairWorks } from '../src/engine/evaluation/works.ts'
import { markdownRow } from '../src/engine/generation/table.ts'
import { cropPicture, type Picture } from '../src/engine/imaging/picture.ts'
import { readPicture } from '../src/engine/imaging/read.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The 40 photographs of the sample: 26 to train on, 4 to choose by, 10 that are scored once. */
export const photographs = join(root, 'resources/samples/photographs/photographs')
export const starterModels = join(root, 'resources/models')

/** `bench/x.ts DIR [--steps N] [--seed N]`, with options of its own beside them. */
export function readArguments<Own extends Record<string, string>>(
  name: string,
  defaults: Own & { steps: string; seed: string },
): { folder: string; given: Own & { steps: string; seed: string } } {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, { type: 'string', default: value } as const]),
  )
  const { values, positionals } = parseArgs({ allowPositionals: true, options })
  return { folder: resolve(positionals[0] ?? name), given: { ...defaults, ...values } }
}

export function runDiptych(...args: string[]): void {
  process.stderr.write(`diptych ${args.join(' ')}\n`)
  execFileSync(join(root, 'bin/diptych'), args, { stdio: ['ignore', 2, 2] })
}

/**
 * Makes a project and trains it, unless its folder holds a model already. The run's model is the saved state with the least
 * L1 on the validation pictures.
 * @returns the model file, and the minutes of training; null where it was there already
 */
export function learn(
  project: string,
  make: readonly string[],
  train: Readonly<Record<string, string | number>>,
): { model: string; trainingMinutes: number | null } {
  const model = join(project, 'models', `${basename(project)}-run-001.safetensors`)
  if (existsSync(model)) return { model, trainingMinutes: null }
  if (!existsSync(join(project, 'project.json'))) runDiptych('new', project, ...make)
  const startedAt = Date.now()
  runDiptych('train', project, ...Object.entries(train).flat().map(String))
  return { model, trainingMinutes: (Date.now() - startedAt) / 60_000 }
}

export type Named = { name: string; picture: Picture }

/** All pictures of a folder, by name. */
export async function readFolder(folder: string): Promise<Named[]> {
  const files = readdirSync(folder).sort()
  return Promise.all(
    files.map(async (file) => ({
      name: parse(file).name,
      picture: { ...(await readPicture(join(folder, file))), alpha: null },
    })),
  )
}

export const readPhotographs = (split: SplitName) => readFolder(join(photographs, split))

/** What is given, and what should be made of it. Cases of one name are one picture: their scores are averaged first. */
export type Case = { name: string; before: Plane; truth: Plane }

/** The photograph without the columns and rows that a smaller copy would not cover. */
function wholeMultiple(picture: Picture, factor: number): Picture {
  const [widthPx, heightPx] = [picture.widthPx, picture.heightPx].map((side) => side - (side % factor))
  return cropPicture(picture, { left: 0, top: 0, widthPx: widthPx as number, heightPx: heightPx as number })
}

/** Whole photographs, each spoiled `copies` times, by draws that no training has. */
export async function spoil(pictures: readonly Named[], derivation: Derivation, copies = 1): Promise<Case[]> {
  const cases: Case[] = []
  for (const { name, picture } of pictures)
    for (let copy = 0; copy < copies; copy += 1) {
      const b = wholeMultiple(picture, derivation.downscale)
      const a = await deriveA(b, derivation, copy, counterOf(name))
      cases.push({ name, before: planeOfPicture(a), truth: planeOfPicture(b) })
    }
  return cases
}

export type Contender = { name: string; make: (before: Plane) => Plane | Promise<Plane> }
type Estimate = { value: number; low: number | null; high: number | null }
/** By metric: the mean over pictures with its 95% interval, and how much better the first contender is on the same pictures. */
export type Standing = {
  name: string
  scores: Partial<Record<MetricId, Estimate>>
  gains: Partial<Record<MetricId, Estimate>>
}

/** Scores of one contender, a list for each metric, in the order of the cases. */
export async function scoresOf(
  cases: readonly Case[],
  { make }: Contender,
  wanted: readonly MetricId[],
): Promise<Map<MetricId, number[]>> {
  const networks = createNetworks()
  const scores = new Map<MetricId, number[]>()
  try {
    const made: Plane[] = []
    for (const { before } of cases) made.push(await make(before))
    for (const id of wanted) {
      const score = isPairMetric(id) ? await pairWorks[id]?.(networks) : undefined
      if (!score) continue
      const values: number[] = []
      for (const [index, { truth }] of cases.entries()) values.push(await score(made[index] as Plane, truth))
      scores.set(id, values)
    }
    return scores
  } finally {
    networks.dispose()
  }
}

/** One value a picture. */
function byPicture(cases: readonly Case[], values: readonly number[]): number[] {
  const heaps = Map.groupBy(values.keys(), (index) => (cases[index] as Case).name)
  return [...heaps.values()].map(
    (indices) => indices.reduce((sum, index) => sum + (values[index] as number), 0) / indices.length,
  )
}

/** Compares contenders on the same cases; the first is ours. */
export async function compare(
  cases: readonly Case[],
  contenders: readonly Contender[],
  wanted: readonly MetricId[],
): Promise<Standing[]> {
  const standings: Standing[] = []
  let ours: Map<MetricId, number[]> | undefined
  for (const contender of contenders) {
    const found = await scoresOf(cases, contender, wanted)
    const standing: Standing = { name: contender.name, scores: {}, gains: {} }
    for (const [id, values] of found) {
      const own = byPicture(cases, values)
      standing.scores[id] = figureOfMean(own)
      const first = ours?.get(id)
      if (!first) continue
      const sign = metrics[id].better === 'higher' ? 1 : -1
      standing.gains[id] = figureOfMean(first.map((value, index) => sign * (value - (own[index] as number))))
    }
    ours ??= new Map([...found].map(([id, values]) => [id, byPicture(cases, values)]))
    standings.push(standing)
  }
  return standings
}

function inWords({ value, low, high }: Estimate, digits: number): string {
  const interval = low === null || high === null ? '' : ` (${low.toFixed(digits)} to ${high.toFixed(digits)})`
  return `${value.toFixed(digits)}${interval}`
}

/** Everything as one line of JSON, and the lines of a table for docs/results.md. */
export function tell(facts: Record<string, unknown>, standings: readonly Standing[]): void {
  console.log(JSON.stringify({ ...facts, standings }))
  const ids = Object.keys(standings[0]?.scores ?? {}) as MetricId[]
  const heads = ids.map((id) => `${metrics[id].term}${metrics[id].unit && `, ${metrics[id].unit}`}`)
  console.log(`\n${markdownRow(['', ...heads.flatMap((head) => [head, 'ours better by'])])}`)
  console.log(markdownRow(['---', ...ids.flatMap(() => ['---', '---'])]))
  for (const { name, scores, gains } of standings) {
    const cells = ids.flatMap((id) =>
      [scores[id], gains[id]].map((one) => (one ? inWords(one, metrics[id].digits) : '')),
    )
    console.log(markdownRow([name, ...cells]))
  }
}
