import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Refused, refuse } from '../src/core/errors.ts'
import { countForwardGflop, countStepGflop } from './floor.ts'
import { ensurePython, runOurs, runTorch } from './processes.ts'
import { compareRounds, runRounds } from './rounds.ts'
import type { Round, Spread, Timing } from './rounds.ts'

const usage = `npm run bench -- [--only step|forward] [--rounds N] [--quick] [--json]

Compares Diptych with PyTorch at its best on this machine: a whole Pix2Pix step and the generator's forward pass
(U-Net 256, batch 1, ngf 64, float32). Run it with nothing else running: disturbed rounds are measured again.
  --only    one of the two
  --rounds  quiet rounds to measure (5)
  --quick   two short rounds, quiet or not: shows that it works, not how fast anything is
  --json    prints one JSON object instead of lines`

const usageHint = 'npm run bench -- --help lists the options.'

const tasks = ['step', 'forward'] as const
type Task = (typeof tasks)[number]
const layouts = ['contiguous', 'channels_last'] as const
const contenders = ['diptych', ...layouts] as const
type Contender = (typeof contenders)[number]

const labels: Record<Task, string> = {
  step: 'Pix2Pix step (U-Net 256, batch 1, ngf 64, dropout, float32)',
  forward: 'Generator forward pass (U-Net 256, batch 1, ngf 64, batch statistics, float32)',
}
const gflop: Record<Task, number> = { step: countStepGflop(256, 64, 64), forward: countForwardGflop(256, 64) }
const samples: Record<Task, number> = { step: 10, forward: 40 }
const maxOtherCores = 0.15

/** What ours.ts found when it started from PyTorch's weights; gradients as relative norms, one a network. */
type Check = {
  forwardMaxError: number
  gradientErrorG: number
  gradientErrorD: number
  losses: Record<string, number>
}
type Result = ReturnType<typeof compareRounds<Contender>> & {
  gflop: number
  floorMs: number
  matmulGflops: Record<Contender, number>
  rounds: number
  versions: { diptych: Timing['versions']; pytorch: Timing['versions'] }
}
type Options = { tasks: readonly Task[]; rounds: number; isQuick: boolean; isJson: boolean }

/** `diptych: node 24.21.0, version 2.21.0, ...; pytorch: torch 2.15.0, threads 2`. */
function versionsInWords(versions: Readonly<Record<string, Timing['versions']>>): string {
  const words = (facts: object) =>
    Object.entries(facts)
      .filter(([, fact]) => fact !== null)
      .map(([name, fact]) => `${name} ${String(fact)}`)
  return Object.entries(versions)
    .map(([side, facts]) => `${side}: ${words(facts).join(', ')}`)
    .join('; ')
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw refuse('wrong-option', error instanceof Error ? error.message : String(error), usageHint)
  }
}

function readOptions(): Options | null {
  const { help, only, rounds: asked, quick, json } = parseOptions()
  if (help) return null
  const chosen = tasks.filter((task) => only === undefined || only === task)
  const rounds = Number(asked)
  if (chosen.length === 0) throw refuse('wrong-option', `--only ${only} is unknown.`, 'Use step or forward.')
  if (!Number.isInteger(rounds) || rounds < 1)
    throw refuse('wrong-option', `--rounds ${asked} is not a whole number above 0.`, 'Use --rounds 5.')
  return { tasks: chosen, rounds: quick ? 2 : rounds, isQuick: quick, isJson: json }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Both sides compute the same before anything is timed. */
async function compareNumbers(python: string, folder: string): Promise<Check & { lossError: number }> {
  const theirs = await runTorch<{ losses: Record<string, number> }>(python, 'prepare', folder)
  const ours = await runOurs<Check>('check', folder)
  const lossErrors = Object.entries(theirs.losses).map(([name, value]) => {
    const own = ours.losses[name]
    return own === undefined ? Infinity : Math.abs(own - value) / Math.abs(value)
  })
  const check = { ...ours, lossError: Math.max(...lossErrors) }
  const limits = { forwardMaxError: 1e-3, gradientErrorG: 1e-2, gradientErrorD: 1e-2, lossError: 1e-3 }
  for (const name of Object.keys(limits) as (keyof typeof limits)[])
    if (!(check[name] <= limits[name]))
      throw new Error(
        `Diptych and PyTorch disagree: ${name} is ${check[name]}, at most ${limits[name]} is right.`,
      )
  return check
}

async function measureTask(task: Task, options: Options, python: string, folder: string): Promise<Result> {
  const count = String(options.isQuick ? 3 : samples[task])
  const rounds = await runRounds<Contender>({
    contenders,
    rounds: options.rounds,
    maxOtherCores: options.isQuick ? Infinity : maxOtherCores,
    maxDiscarded: options.rounds * 3,
    measure: (name) =>
      name === 'diptych'
        ? runOurs<Timing>(task, folder, count)
        : runTorch<Timing>(python, task, folder, name, count),
    onRound: (kept, otherCores) =>
      say(`${task}: a round ${kept ? 'kept' : 'discarded'}, others used ${otherCores.toFixed(2)} cores`),
  })
  return summarise(task, rounds)
}

function summarise(task: Task, rounds: readonly Round<Contender>[]): Result {
  const bestMatmul = (name: Contender): number => Math.max(...rounds.map((round) => round[name].matmulGflops))
  const matmulGflops = {
    diptych: bestMatmul('diptych'),
    contiguous: bestMatmul('contiguous'),
    channels_last: bestMatmul('channels_last'),
  }
  const floorMs = (gflop[task] / Math.max(...Object.values(matmulGflops))) * 1000
  const compared = compareRounds<Contender>(rounds, 'diptych', layouts)
  const [first] = rounds
  if (!first) throw new Error('No round was measured.')
  const versions = { diptych: first.diptych.versions, pytorch: first.contiguous.versions }
  return { ...compared, gflop: gflop[task], floorMs, matmulGflops, rounds: rounds.length, versions }
}

function describe(spread: Spread, digits: number): string {
  return `${spread.median.toFixed(digits)} (${spread.least.toFixed(digits)} to ${spread.most.toFixed(digits)})`
}

function printTask(task: Task, result: Result): void {
  const { milliseconds, floorMs, matmulGflops } = result
  const line = (label: string, name: Contender): string => {
    const share = ((floorMs / milliseconds[name].median) * 100).toFixed(0)
    return `  ${label.padEnd(24)}${describe(milliseconds[name], 0)} ms, ${share}% of the floor's speed, matmul ${matmulGflops[name].toFixed(0)} GFLOP/s`
  }
  const lines = [
    `${labels[task]}; ${versionsInWords(result.versions)}`,
    line('Diptych', 'diptych'),
    ...layouts.map((layout) => line(`PyTorch ${layout}`, layout)),
    `  floor                   ${floorMs.toFixed(0)} ms: ${result.gflop.toFixed(1)} GFLOP at the fastest matmul seen`,
    `  Diptych / PyTorch       ${describe(result.ratio, 2)} against ${result.bestLayout}, ${result.rounds} rounds`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function printCheck(check: Check & { lossError: number }): void {
  const small = (value: number): string => value.toExponential(1)
  const { forwardMaxError, lossError, gradientErrorG, gradientErrorD } = check
  process.stdout.write(
    `Same weights, same numbers: picture within ${small(forwardMaxError)}, losses ${small(lossError)}, ` +
      `gradients of G ${small(gradientErrorG)} and of D ${small(gradientErrorD)} (relative)\n`,
  )
}

async function main(): Promise<void> {
  const options = readOptions()
  if (!options) return void process.stdout.write(`${usage}\n`)
  if (process.platform !== 'linux')
    throw refuse(
      'linux-only',
      'Whether the machine is quiet is read from /proc/stat.',
      'Run the benchmark on Linux.',
    )
  const cache = process.env.DIPTYCH_CACHE
  if (!cache) throw refuse('wrong-start', 'The folder for PyTorch is not known.', 'Start with: npm run bench')
  const python = await ensurePython(cache, (path) =>
    say(`Installing PyTorch for the comparison, 3 GB to fetch, 5 GB on disk, minutes: ${path}`),
  )
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const check = await compareNumbers(python, folder)
  if (!options.isJson) printCheck(check)
  const results: Partial<Record<Task, Result>> = {}
  for (const task of options.tasks) {
    const result = await measureTask(task, options, python, folder)
    results[task] = result
    if (!options.isJson) printTask(task, result)
  }
  const { isQuick: quick } = options
  if (options.isJson) process.stdout.write(`${JSON.stringify({ quick, check, results })}\n`)
  else if (quick) process.stdout.write('Quick: shows that it works. These are no measurements.\n')
}

main().catch((error: unknown) => {
  if (!(error instanceof Refused)) throw error
  say(error.message)
  process.exitCode = error.refusal.code === 'wrong-option' ? 2 : 1
})
