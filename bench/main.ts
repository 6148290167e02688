import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Refused, refuse } from '../src/core/errors.ts'
import { precision as precisions, type Precision } from '../src/core/training/precision.ts'
import { bfloat16Unit } from '../src/engine/backends/hardware.ts'
import { ablation, contendersFor, OURS, TFJS, type Contender } from './contenders.ts'
import { printAlone, printFinish, printHead, printRow, printTricks } from './print.ts'
import { ensurePython, runAlone, runOurs, runOursPlainly, runTheirs } from './processes.ts'
import { otherCoresDuring } from './quiet.ts'
import { compareRounds, runRounds, spreadOf } from './rounds.ts'
import type { Comparison, Round, Spread, Timing } from './rounds.ts'
import { aloneRows, rows, type AloneRow, type Figure, type Row, type Target } from './rows.ts'

const usage = `npm run bench -- [--only ROW]... [--precision float32|bfloat16] [--rounds N] [--ablation] [--quick] [--gate] [--json]

Compares Diptych with PyTorch, onnxruntime and OpenVINO at their best on this machine: training steps and generators' forward
passes; then measures reading, folders of photographs and memory. Run it with nothing else running: disturbed rounds are measured again.
  --only       rows: ${[...rows, ...aloneRows].map(({ id }) => id).join(', ')}
  --precision  one of the two
  --rounds     quiet rounds to measure (5)
  --ablation   instead: what each trick is worth by itself in the rows pix2pix and cyclegan (or --only)
  --quick      two short rounds, quiet or not: shows that it works, not how fast anything is
  --gate       exit 1 when a target is missed; rows that could not be measured always do that
  --json       prints one JSON object instead of lines`

const usageHint = 'npm run bench -- --help lists the options.'
const maxOtherCores = 0.15
/** So many times slower than the best of the others, nobody can be the best after all. */
const HOPELESS = 1.5
const ABLATION_ROWS = ['pix2pix', 'cyclegan']

/** What ours.ts found when it started from the others' weights; gradients as relative norms. */
type Check = { pictureError: number; gradientErrors: Record<string, number>; losses: Record<string, number> }
export type Verdict = 'stretch' | 'target' | 'missed' | 'no target'
export type Result = Comparison<string> & {
  row: string
  precision: Precision
  verdict: Verdict
  target: Target | null
  timesTfjs: number | null
  floorShare: number | null
  microsecondsPerOp: number | null
  matmulGflops: number
  rounds: number
  versions: Record<string, Timing['versions']>
}
export type AloneResult = { row: string; otherCores: number; figures: (Figure & { verdict: Verdict })[] }
/** Each trick's time, and how many times as fast as the first. */
export type Tricks = { row: string; tricks: { name: string; milliseconds: Spread; ratio: Spread }[] }
/** `failed`: rows that could not be measured, which do not keep the others from being. */
export type Results = { results: Result[]; alone: AloneResult[]; tricks: Tricks[]; failed: string[] }
export type Options = {
  rows: readonly Row[]
  alone: readonly AloneRow[]
  precisions: readonly Precision[]
  rounds: number
  isAblation: boolean
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
        ablation: { type: 'boolean', default: false },
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
  const { help, only, precision, rounds: asked, ablation: isAblation, quick, gate, json } = parseOptions()
  if (help) return null
  const unknown = only?.find((id) => ![...rows, ...aloneRows].some((row) => row.id === id))
  const rounds = Number(asked)
  if (unknown !== undefined) throw refuse('wrong-option', `--only ${unknown} is unknown.`, usageHint)
  if (precision !== undefined && !precisions.safeParse(precision).success)
    throw refuse('wrong-option', `--precision ${precision} is unknown.`, 'Use float32 or bfloat16.')
  if (!Number.isInteger(rounds) || rounds < 1)
    throw refuse('wrong-option', `--rounds ${asked} is not a whole number above 0.`, 'Use --rounds 5.')
  const isWanted = ({ id }: { id: string }) =>
    only?.includes(id) ?? (!isAblation || ABLATION_ROWS.includes(id))
  return {
    rows: rows.filter(isWanted),
    alone: isAblation ? [] : aloneRows.filter(isWanted),
    precisions: precisions.options.filter((one) =>
      precision === undefined ? one !== 'float16' : one === precision,
    ),
    rounds: quick ? 2 : rounds,
    isAblation,
    isQuick: quick,
    isGate: gate,
    isJson: json,
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** PyTorch's own gradients in bfloat16 are up to 0.35 off those in float32. */
const inBfloat16 = { picture: 0.03, gradient: 0.4, loss: 0.05 } as const
/** The most by which the two sides may differ, before either is timed. */
const limits = {
  float32: { picture: 1e-4, gradient: 1e-2, loss: 1e-3 },
  bfloat16: inBfloat16,
  float16: inBfloat16,
} as const

function limitsOf(row: Row, precision: Precision) {
  const limit = limits[precision]
  const own = row.kind === 'step' ? (row.gradientLimits?.[precision] ?? 0) : 0
  return { ...limit, gradient: Math.max(limit.gradient, own) }
}

/** The contenders compute on the processor, which does not learn in float16. */
function isMeasurable(precision: Precision): boolean {
  return precision === 'float32' || (precision === 'bfloat16' && bfloat16Unit() !== null)
}

/** What PyTorch found from the weights and the batch that it left in the folder for everybody. */
type Prepared = { losses: Record<string, number> }

function prepare(row: Row, python: string, folder: string): Promise<Prepared> {
  return runTheirs(python, 'prepare', folder, JSON.stringify(row))
}

/** Both sides compute the same before anything is timed. CUT's contrast depends on places that each side draws itself. */
async function compareNumbers(row: Row, how: Contender, theirs: Prepared, folder: string): Promise<void> {
  if (how.side !== 'ours') return
  const own = await runOurs<Check>('check', folder, JSON.stringify(row), JSON.stringify(how.how))
  const limit = limitsOf(row, how.precision)
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
  if (contender.side === 'theirs') {
    const { engine, precision } = contender
    return runTheirs<Timing>(python, 'time', folder, text, JSON.stringify({ engine, precision }), count)
  }
  const start = contender.how.hasMemorySettings ? runOurs : runOursPlainly
  return start<Timing>('time', folder, text, JSON.stringify(contender.how), count)
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Times every contender once a round. */
async function measureRounds(
  row: Row,
  contenders: ReadonlyMap<string, Contender>,
  named: string,
  { isQuick, rounds }: Options,
  python: string,
  folder: string,
): Promise<Round<string>[]> {
  const samples = isQuick ? 2 : row.samples
  return runRounds<string>({
    contenders: [...contenders.keys()],
    rivals: [...contenders].flatMap(([name, { side }]) => (side === 'theirs' ? [name] : [])),
    hopeless: HOPELESS,
    rounds,
    maxOtherCores: isQuick ? Infinity : maxOtherCores,
    maxDiscarded: rounds * 3,
    measure: (name) => timeOne(contenders.get(name) as Contender, row, python, folder, samples),
    onRound: (kept, otherCores) =>
      say(
        `${row.id} ${named}: a round ${kept ? 'kept' : 'discarded'}, others used ${otherCores.toFixed(2)} cores`,
      ),
  })
}

function measureRow(row: Row, precision: Precision, options: Options, python: string): Promise<Result> {
  return withFolder(async (folder) => {
    const contenders = contendersFor(row, precision)
    const own = contenders.get(OURS) as Contender & { side: 'ours' }
    await compareNumbers(row, own, await prepare(row, python, folder), folder)
    const plain = JSON.stringify({ ...own.how, isRecorded: false })
    const ops = row.isOpBound && (await runOurs<number>('count', folder, JSON.stringify(row), plain))
    const rounds = await measureRounds(row, contenders, precision, options, python, folder)
    return summarise(row, precision, [...contenders.keys()], rounds, ops ?? null)
  })
}

function verdictOf(ratio: number, target: Target | undefined, timesTfjs: number | null): Verdict {
  if (!target) return 'no target'
  if (ratio < target.target || (timesTfjs ?? Infinity) < (target.timesTfjs ?? 0)) return 'missed'
  return ratio >= target.stretch ? 'stretch' : 'target'
}

function summarise(
  row: Row,
  precision: Precision,
  names: readonly string[],
  rounds: readonly Round<string>[],
  ops: number | null,
): Result {
  const others = names.filter((name) => name !== OURS && name !== TFJS)
  const comparison = compareRounds(rounds, OURS, others)
  const asItComes = names.includes(TFJS) ? compareRounds(rounds, OURS, [TFJS]) : null
  const milliseconds = { ...comparison.milliseconds, ...asItComes?.milliseconds }
  const matmulGflops = Math.max(
    ...rounds.flatMap((round) => Object.values(round).map((one) => one?.matmulGflops ?? 0)),
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
    microsecondsPerOp: ops === null ? null : (1000 * ourMs) / ops,
    matmulGflops,
    rounds: rounds.length,
    versions: Object.fromEntries(names.map((name) => [name, first?.[name]?.versions ?? {}])),
  }
}

async function measureAlone({ id }: AloneRow, { isQuick }: Options): Promise<AloneResult> {
  for (let attempt = 1; ; attempt += 1) {
    const { result, otherCores } = await otherCoresDuring(() =>
      runAlone<Figure[]>(id, ...(isQuick ? ['quick'] : [])),
    )
    const isQuiet = isQuick || otherCores <= maxOtherCores
    say(`${id}: ${isQuiet ? 'kept' : 'discarded'}, others used ${otherCores.toFixed(2)} cores`)
    if (isQuiet)
      return { row: id, otherCores, figures: result.map((one) => ({ ...one, verdict: judge(one) })) }
    if (attempt === 3)
      throw refuse(
        'machine-busy',
        `Other programs used ${otherCores.toFixed(2)} cores during ${id}.`,
        'Close what else is running, then start the benchmark again.',
      )
  }
}

function judge({ value, atMost, stretch }: Figure): Verdict {
  if (atMost === undefined) return 'no target'
  if (!(value <= atMost)) return 'missed'
  return value <= (stretch ?? -Infinity) ? 'stretch' : 'target'
}

function measureTricks(row: Row, options: Options, python: string): Promise<Tricks> {
  return withFolder(async (folder) => {
    const contenders = new Map([...ablation].filter(([, { precision }]) => isMeasurable(precision)))
    const theirs = await prepare(row, python, folder)
    for (const contender of contenders.values()) await compareNumbers(row, contender, theirs, folder)
    const rounds = await measureRounds(row, contenders, 'ablation', options, python, folder)
    const [base = ''] = contenders.keys()
    const tricks = [...contenders.keys()].map((name) => ({
      name,
      milliseconds: spreadOf(rounds.map((round) => round[name]?.medianMs ?? NaN)),
      ratio: spreadOf(rounds.map((round) => (round[base]?.medianMs ?? NaN) / (round[name]?.medianMs ?? NaN))),
    }))
    return { row: row.id, tricks }
  })
}

async function measureAll(options: Options, python: () => Promise<string>): Promise<Results> {
  const all: Results = { results: [], alone: [], tricks: [], failed: [] }
  const { isJson } = options
  const attempt = async (name: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      say(`${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`)
      all.failed.push(name)
    }
  }
  if (options.isAblation) {
    for (const row of options.rows)
      await attempt(row.id, async () => {
        const tricks = await measureTricks(row, options, await python())
        all.tricks.push(tricks)
        if (!isJson) printTricks(row, tricks)
      })
    return all
  }
  if (!isJson) printHead(`${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores`, options)
  for (const row of options.rows)
    for (const precision of options.precisions) {
      if (!isMeasurable(precision)) {
        if (!isJson) process.stdout.write(`| ${row.label} | ${precision} | not measurable here |\n`)
        continue
      }
      await attempt(`${row.id} ${precision}`, async () => {
        const result = await measureRow(row, precision, options, await python())
        all.results.push(result)
        if (!isJson) printRow(row, result)
      })
    }
  for (const row of options.alone)
    await attempt(row.id, async () => {
      const result = await measureAlone(row, options)
      all.alone.push(result)
      if (!isJson) printAlone(row, result)
    })
  return all
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
  const python = () =>
    ensurePython(cache, (path) =>
      say(`Installing PyTorch and others for the comparison, 3 GB to fetch, 5 GB on disk, minutes: ${path}`),
    )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const all = await measureAll(options, python)
  if (options.isJson) process.stdout.write(`${JSON.stringify({ quick: options.isQuick, ...all })}\n`)
  else printFinish(options, all)
  const verdicts = [...all.results, ...all.alone.flatMap(({ figures }) => figures)]
  if (all.failed.length > 0) say(`Not measured: ${all.failed.join(', ')}.`)
  if (all.failed.length > 0 || (options.isGate && verdicts.some(({ verdict }) => verdict === 'missed')))
    process.exitCode = 1
}

main().catch((error: unknown) => {
  if (!(error instanceof Refused)) throw error
  say(error.message)
  process.exitCode = error.refusal.code === 'wrong-option' ? 2 : 1
})
