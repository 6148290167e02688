import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { metricIds, type MetricId } from '../../core/evaluation/metrics.ts'
import { nearest } from '../../core/options/parse.ts'
import { countInWords, timeLeftInWords } from '../../core/words.ts'
import type { FolderEvent } from '../../engine/evaluation/evaluateFolders.ts'
import type { HoldoutSplit } from '../../engine/evaluation/holdout.ts'
import type { StateChoice } from '../../engine/evaluation/states.ts'
import { getRun } from '../../engine/storage/runs.ts'
import { EXIT_DONE, EXIT_FAILED } from '../exits.ts'
import type { Output } from '../output.ts'
import { runCommand, type CommandContext } from '../run.ts'
import { linesOf, scoreTable } from '../scoreTable.ts'
import { inShell } from '../shell.ts'
import { splitFrom } from '../split.ts'
import { threadsFrom } from '../threads.ts'

type EvaluateFlags = {
  run?: string
  split?: string
  steps?: string
  metrics?: string
  inception?: string
  again?: boolean
  made?: string
  real?: string
  threads?: string
  json?: boolean
}

const TERMINAL_COLUMNS = 110

const aboutSplit = {
  val: 'the validation pictures, which are kept back to choose by',
  test: 'the test pictures, which are kept back for the final score',
} as const satisfies Record<HoldoutSplit, string>

const SPOILED =
  'Do not choose a state by these figures: whatever is chosen by the test pictures looks better on them than it is. Choose by the validation pictures (--split val), then score what you chose here, once.'

function wrong(flag: string, text: string, remedy: string): Error {
  return refuse('option-invalid', `${flag} cannot take "${text}".`, remedy)
}

function stepsFrom(text: string): StateChoice {
  if (text === 'all' || text === 'best' || text === 'last') return text
  if (/^\d+(,\d+)*$/.test(text)) return text.split(',').map(Number)
  throw wrong('--steps', text, 'Give all, best, last, or steps such as 500,1000.')
}

/** `st-lpips`, `stLpips` and `STLPIPS` are one metric. */
function bare(id: string): string {
  return id.replaceAll('-', '').toLowerCase()
}

type Wanted = { metrics?: MetricId[]; inception?: string }

/** The metrics that were named, else the usual ones; with Inception weights those that rest on them as well. */
function metricsFrom({ metrics: text, inception }: EvaluateFlags): Wanted {
  const imported = inception === undefined ? {} : { inception: resolve(inception) }
  if (text === undefined) return inception === undefined ? {} : { metrics: [...metricIds], ...imported }
  const metrics = text.split(',').map((word) => {
    const found = metricIds.find((id) => bare(id) === bare(word.trim()))
    if (found) return found
    const meant = nearest(word, metricIds)
    throw wrong(
      '--metrics',
      word,
      meant ? `Did you mean ${meant}?` : `The metrics are: ${metricIds.join(', ')}.`,
    )
  })
  return { metrics: [...new Set(metrics)], ...imported }
}

/** A flag of the other way to use the command would be ignored, so it is refused. */
function refuseForeign(flags: EvaluateFlags, names: readonly (keyof EvaluateFlags)[], remedy: string): void {
  const [first] = names.filter((name) => flags[name] !== undefined)
  if (first) throw refuse('usage', `--${first} means nothing here.`, remedy)
}

/** On test pictures the one state is scored that the run's model is. */
function usualSteps(split: HoldoutSplit, view: Awaited<ReturnType<typeof getRun>>): StateChoice {
  if (split === 'val') return 'all'
  const { modelStep, checkpoints } = view
  return modelStep !== null && checkpoints.some(({ step }) => step === modelStep) ? [modelStep] : 'best'
}

function tellProgress(
  event: { done: number; total: number; secondsLeft: number | null },
  output: Output,
): void {
  output.progress(`scored ${event.done} of ${event.total}  ${timeLeftInWords(event.secondsLeft)}`)
}

async function evaluateProject(
  dir: string,
  flags: EvaluateFlags,
  { output, signal }: CommandContext,
): Promise<number> {
  const [split, wanted] = [splitFrom(flags.split ?? 'val'), metricsFrom(flags)]
  const chosen = flags.steps === undefined ? undefined : stepsFrom(flags.steps)
  const { openBackend } = await import('../../engine/backends/index.ts')
  const { evaluateRun } = await import('../../engine/evaluation/evaluate.ts')
  const { chooseRun } = await import('../../engine/training/exportModel.ts')
  const projectFolder = resolve(dir)
  const run = await chooseRun({ projectFolder, ...(flags.run && { run: flags.run }) })
  const view = await getRun(projectFolder, run)
  const steps = chosen ?? usualSteps(split, view)
  await openBackend(threadsFrom(flags.threads))
  const request = { projectFolder, run, split, steps, again: flags.again ?? false, ...wanted }
  for await (const event of evaluateRun(request, signal)) {
    if (event.type === 'evaluation-progress') tellProgress(event, output)
    if (event.type !== 'evaluated') {
      output.event(event)
      continue
    }
    const table = scoreTable(linesOf(event.rows, view.modelStep), process.stdout.columns || TERMINAL_COLUMNS)
    const next =
      split === 'test'
        ? SPOILED
        : `Make one of them the model of the run: diptych pick ${inShell(dir)} --run ${run} --step N`
    output.event(event, `${run} on ${aboutSplit[split]}.\n\n${table}\n\n${next}`)
    return EXIT_DONE
  }
  return EXIT_FAILED
}

function foldersInWords(event: Extract<FolderEvent, { type: 'folders-evaluated' }>): string {
  const { made, real, pairs, measurements } = event
  const counts = `${countInWords(made, 'made picture')}, ${countInWords(real, 'real one')}, ${countInWords(pairs, 'pair')} of the same name.`
  return `${counts}\n\n${scoreTable([{ label: 'made', measurements }], process.stdout.columns || TERMINAL_COLUMNS)}`
}

async function compareFolders(flags: EvaluateFlags, { output, signal }: CommandContext): Promise<number> {
  refuseForeign(
    flags,
    ['run', 'split', 'steps', 'again'],
    'With --made and --real two folders are compared, without a project.',
  )
  const { made, real } = flags
  if (made === undefined || real === undefined)
    throw refuse('usage', `${made === undefined ? '--made' : '--real'} is missing.`, 'Give both folders.')
  const wanted = metricsFrom(flags)
  const { openBackend } = await import('../../engine/backends/index.ts')
  const { evaluateFolders } = await import('../../engine/evaluation/evaluateFolders.ts')
  await openBackend(threadsFrom(flags.threads))
  for await (const event of evaluateFolders({ made, real, ...wanted }, signal)) {
    if (event.type === 'evaluation-progress') tellProgress(event, output)
    if (event.type === 'folders-evaluated') output.event(event, foldersInWords(event))
    else if (event.type === 'finding')
      output.event(event, `${event.finding.level}: ${event.finding.message} ${event.finding.remedy}`)
    else output.event(event)
  }
  return EXIT_DONE
}

export function addEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description(
      'Score the saved states of a run on pictures it never learned from, or one folder against another.',
    )
    .argument('[dir]', 'the project folder')
    .option('--run <run>', 'the run; the newest when left out')
    .option('--split <split>', 'val to choose by, test for the final score (default: val)')
    .option(
      '--steps <steps>',
      'all, best, last, or steps such as 500,1000 (default: all; with --split test the model)',
    )
    .option('--metrics <metrics>', `some of: ${metricIds.join(', ')}`)
    .option(
      '--inception <file>',
      'Inception weights of your own, for KID and FID as published (docs/metrics.md)',
    )
    .option('--again', 'score again what was scored before')
    .option('--made <folder>', 'made pictures, instead of a project')
    .option('--real <folder>', 'real pictures to compare them with; the same names are compared one by one')
    .option('--threads <number>', 'processor threads')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych evaluate earth\n  diptych evaluate earth --steps 500,1000 --metrics l1,ssim\n  diptych evaluate earth --split test\n  diptych evaluate --made results/ --real originals/\n\nScores are kept in the project: states that were scored before are not scored again.',
    )
    .action((dir: string | undefined, flags: EvaluateFlags) =>
      runCommand(flags.json ?? false, async (context) => {
        if (dir !== undefined) {
          refuseForeign(flags, ['made', 'real'], 'Name a project, or two folders with --made and --real.')
          return evaluateProject(dir, flags, context)
        }
        if (flags.made !== undefined || flags.real !== undefined) return compareFolders(flags, context)
        throw refuse(
          'usage',
          'There is nothing to evaluate.',
          'Name a project, or two folders with --made and --real.',
        )
      }),
    )
}
