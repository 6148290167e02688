import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Refused, refuse } from '../src/core/errors.ts'
import { precision as precisions, type Precision } from '../src/core/training/precision.ts'
import { bfloat16Unit } from '../src/engine/backends/hardware.ts'
import { contendersFor, OURS, TFJS, type Contender } from './contenders.ts'
import { ensurePython, runOurs, runTheirs } from './processes.ts'
import { compareRounds, runRounds } from './rounds.ts'
import type { Comparison, Round, Spread, Timing } from './rounds.ts'
import { rows, type Row, type Target } from './rows.ts'

const usage = `npm run bench -- [--only ROW]... [--precision float32|bfloat16] [--rounds N] [--quick] [--gate] [--json]

Compares Diptych with PyTorch, onnxruntime and OpenVINO at their best on this machine: training steps and generators' forward
passes. Run it with nothing else running: disturbed rounds are measured again.
  --only       rows: ${rows.map(({ id }) => id).join(', ')}
  --precision  one of the two
  --rounds     quiet rounds to measure (5)
  --quick      two short rounds, quiet or not: shows that it works, not how fast anything is
  --gate       exit 1 when a target is missed
  --json       prints one JSON object instead of lines`

const usageHint = 'npm run bench -- --help lists the options.'
const maxOtherCores = 0.15
/** At least so many times as fast as tfjs as it comes. */
const TFJS_TARGET = 3

/** What ours.ts found when it started from the others' weights; gradients as relative norms. */
type Check = { pictureError: number; gradientErrors: Record<string, number>; losses: Record<string, number> }
type Verdict = 'stretch' | 'target' | 'missed' | 'no target'
type Result = Comparison<string> & {
  row: string
  precision: Precision
  verdict: Verdict
  target: Target | null
  timesTfjs: number | null
  floorShare: number | null
  matmulGflops: number
  rounds: number
  versions: Record<string, Timing['versions']>
}
type Options = {
  rows: readonly Row[]
  precisions: readonly Precision[]
  rounds: number
  isQuick: boolean
  isGate: boolean
  isJson: boolean
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        precision: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        quick: { type: 'boolean', default: false },
        gate: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw refuse('wrong-option', error instanceof Error ? error.message : String(error), usageHint)
  }
}

function readOptions(): Options | null {
  const { help, only, precision, rounds: asked, quick, gate, json } = parseOptions()
  if (help) return null
  const unknown = only?.find((id) => !rows.some((row) => row.id === id))
  const rounds = Number(asked)
  if (unknown !== undefined) throw refuse('wrong-option', `--only ${unknown} is unknown.`, usageHint)
  if (precision !== undefined && !precisions.safeParse(precision).success)
    throw refuse('wrong-option', `--precision ${precision} is unknown.`, 'Use float32 or bfloat16.')
  if (!Number.isInteger(rounds) || rounds < 1)
    throw refuse('wrong-option', `--rounds ${asked} is not a whole number above 0.`, 'Use --rounds 5.')
  return {
    rows: rows.filter(({ id }) => only?.includes(id) ?? true),
    precisions: precisions.options.filter((one) => precision === undefined || precision === one),
    rounds: quick ? 2 : rounds,
    isQuick: quick,
    isGate: gate,
    isJson: json,
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** The most by which the two sides may differ, before either is timed. */
const limits = {
  float32: { picture: 1e-4, gradient: 1e-2, loss: 1e-3 },
  bfloat16: { picture: 0.03, gradient: 0.3, loss: 0.05 },
} as const

/** Both sides compute the same before anything is timed. CUT's contrast depends on places that each side draws itself. */
async function compareNumbers(row: Row, how: Contender, python: string, folder: string): Promise<void> {
  if (how.side !== 'ours') return
  const theirs = await runTheirs<{ losses: Record<string, number> }>(
    python,
    'prepare',
    folder,
    JSON.stringify(row),
  )
  const own = await runOurs<Check>('check', folder, JSON.stringify(row), JSON.stringify(how.how))
  const limit = limits[how.precision]
  const losses = Object.entries(theirs.losses).filter(([name]) => !name.startsWith('NCE'))
  const errors = [
    ['the picture', own.pictureError, limit.picture],
    ...Object.entries(own.gradientErrors).map(([net, error]) => [
      `the gradient of ${net}`,
      error,
      limit.gradient,
    ]),
    ...losses.map(([name, value]) => [
      `the loss ${name}`,
      Math.abs((own.losses[name] ?? NaN) - value) / Math.max(1e-3, Math.abs(value)),
      limit.loss,
    ]),
  ] as [string, number, number][]
  for (const [what, error, most] of errors)
    if (!(error <= most))
      throw new Error(
        `${row.label}, ${how.precision}: ${what} differs by ${error}, at most ${most} is right.`,
      )
  say(
    `${row.id} ${how.precision}: same numbers (${errors.map(([what, error]) => `${what} ${error.toExponential(0)}`).join(', ')})`,
  )
}

function timeOne(contender: Contender, row: Row, python: string, folder: string, samples: number) {
  const [text, count] = [JSON.stringify(row), String(samples)]
  if (contender.side === 'ours')
    return runOurs<Timing>('time', folder, text, JSON.stringify(contender.how), count)
  const { engine, precision } = contender
  return runTheirs<Timing>(python, 'time', folder, text, JSON.stringify({ engine, precision }), count)
}

async function measureRow(row: Row, precision: Precision, options: Options, python: string): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'))
  try {
    const contenders = contendersFor(row, precision)
    await compareNumbers(row, contenders.get(OURS) as Contender, python, folder)
    const samples = options.isQuick ? 2 : row.samples
    const rounds = await runRounds<string>({
      contenders: [...contenders.keys()],
      rounds: options.rounds,
      maxOtherCores: options.isQuick ? Infinity : maxOtherCores,
      maxDiscarded: options.rounds * 3,
      measure: (name) => timeOne(contenders.get(name) as Contender, row, python, folder, samples),
      onRound: (kept, otherCores) =>
        say(
          `${row.id} ${precision}: a round ${kept ? 'kept' : 'discarded'}, others used ${otherCores.toFixed(2)} cores`,
        ),
    })
    return summarise(row, precision, [...contenders.keys()], rounds)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function verdictOf(ratio: number, target: Target | undefined, timesTfjs: number | null): Verdict {
  if (!target) return 'no target'
  if (ratio < target.target || (timesTfjs !== null && timesTfjs < TFJS_TARGET)) return 'missed'
  return ratio >= target.stretch ? 'stretch' : 'target'
}

function summarise(
  row: Row,
  precision: Precision,
  names: readonly string[],
  rounds: readonly Round<string>[],
): Result {
  const others = names.filter((name) => name !== OURS && name !== TFJS)
  const comparison = compareRounds(rounds, OURS, others)
  const asItComes = names.includes(TFJS) ? compareRounds(rounds, OURS, [TFJS]) : null
  const milliseconds = { ...comparison.milliseconds, ...asItComes?.milliseconds }
  const matmulGflops = Math.max(
    ...rounds.flatMap((round) => Object.values(round).map((one) => one.matmulGflops)),
  )
  const ourMs = milliseconds[OURS]?.median ?? NaN
  const floorMs = row.gflop === null ? null : (row.gflop / matmulGflops) * 1000
  const timesTfjs = asItComes?.ratio.median ?? null
  const [first] = rounds
  return {
    ...comparison,
    milliseconds,
    row: row.id,
    precision,
    verdict: verdictOf(comparison.ratio.median, row.targets[precision], timesTfjs),
    target: row.targets[precision] ?? null,
    timesTfjs,
    floorShare: floorMs === null ? null : floorMs / ourMs,
    matmulGflops,
    rounds: rounds.length,
    versions: Object.fromEntries(names.map((name) => [name, first?.[name]?.versions ?? {}])),
  }
}

function describe({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`
}

function printHead(options: Options): void {
  const unit = bfloat16Unit()
  process.stdout.write(
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, bfloat16 ${unit ? `by ${unit}` : 'not in hardware'}; ` +
      `${options.rounds} rounds, medians and ranges in ms; ratio: the best other's time by ours\n\n` +
      `| row | precision | Diptych | best other | ratio | target | verdict | tfjs as it comes | of the float32 floor's speed |\n|---|---|---|---|---|---|---|---|---|\n`,
  )
}

function printRow(row: Row, result: Result): void {
  const { best, milliseconds, ratio, target, verdict, timesTfjs, floorShare } = result
  const cells = [
    row.label,
    result.precision,
    describe(milliseconds[OURS] as Spread, 0),
    `${best} ${describe(milliseconds[best] as Spread, 0)}`,
    describe(ratio, 2),
    target ? `${target.target} (stretch ${target.stretch})` : '',
    verdict,
    timesTfjs === null ? '' : `${timesTfjs.toFixed(1)} x`,
    floorShare === null ? '' : `${(100 * floorShare).toFixed(0)}%`,
  ]
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
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
    say(`Installing PyTorch and others for the comparison, 3 GB to fetch, 5 GB on disk, minutes: ${path}`),
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const results: Result[] = []
  if (!options.isJson) printHead(options)
  for (const row of options.rows)
    for (const precision of options.precisions) {
      if (precision === 'bfloat16' && bfloat16Unit() === null) {
        if (!options.isJson) process.stdout.write(`| ${row.label} | bfloat16 | not measurable here |\n`)
        continue
      }
      const result = await measureRow(row, precision, options, python)
      results.push(result)
      if (!options.isJson) printRow(row, result)
    }
  finish(options, results)
}

function finish({ isJson, isQuick, isGate }: Options, results: readonly Result[]): void {
  const missed = results.filter(({ verdict }) => verdict === 'missed')
  const short = results.filter(({ verdict }) => verdict === 'target')
  const list = (some: readonly Result[]) =>
    some.map(({ row, precision }) => `${row} ${precision}`).join(', ') || 'none'
  if (isJson) process.stdout.write(`${JSON.stringify({ quick: isQuick, results })}\n`)
  else process.stdout.write(`\nTargets missed: ${list(missed)}. Short of the stretch: ${list(short)}.\n`)
  if (!isJson && isQuick) process.stdout.write('Quick: shows that it works. These are no measurements.\n')
  if (isGate && missed.length > 0) process.exitCode = 1
}

main().catch((error: unknown) => {
  if (!(error instanceof Refused)) throw error
  say(error.message)
  process.exitCode = error.refusal.code === 'wrong-option' ? 2 : 1
})
