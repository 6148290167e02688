import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import type { Distribution, JudgingSummary, Opinion } from '../../core/judging/events.ts'
import { verdictInWords } from '../../core/judging/scores.ts'
import { countInWords, timeLeftInWords } from '../../core/words.ts'
import type { JudgingEvent } from '../../engine/judging/judgePictures.ts'
import { EXIT_DONE, EXIT_FAILED } from '../exits.ts'
import type { Output } from '../output.ts'
import { runCommand, type CommandContext } from '../run.ts'
import { splitFrom } from '../split.ts'
import { stepFrom } from '../step.ts'
import { threadsFrom } from '../threads.ts'

type JudgeFlags = {
  run?: string
  step?: string
  judge?: string
  beside?: string
  label?: string
  split?: string
  output?: string
  threads?: string
  json?: boolean
}

const [BAR_WIDTH, FEW] = [40, 10]

const digits = (value: number): string => value.toFixed(3)
const percent = (share: number): string => `${Math.round(100 * share)}%`

function opinionInWords(opinion: Opinion): string {
  const { name, score, map } = opinion
  const places = map
    ? `, ${map.rows} x ${map.columns} patches from ${digits(map.low)} to ${digits(map.high)}`
    : ''
  return `${digits(score)}  ${verdictInWords(opinion)}  ${name}${places}`
}

function distributionInWords(name: string, { count, mean, deciles, shareOver }: Distribution): string {
  const over = shareOver === null ? '' : `, ${percent(shareOver)} pass for real`
  return `${name}: ${countInWords(count, 'picture')}, mean ${digits(mean)}${over}\n  deciles ${deciles.map(digits).join(' ')}`
}

/** Both histograms beside each other: a line a bin, real before made. */
function histogramInWords({ range, threshold, real, made }: JudgingSummary): string {
  if (!real || !made) return ''
  const most = Math.max(...real.histogram, ...made.histogram)
  const bins = real.histogram.length
  const bar = (count: number) => '#'.repeat(Math.ceil((count / most) * (BAR_WIDTH / 2))).padEnd(BAR_WIDTH / 2)
  const lines = real.histogram.map((count, bin) => {
    const from = range.low + ((range.high - range.low) * bin) / bins
    const mark = threshold !== null && Math.abs(from - threshold) < 1e-9 ? '  <- threshold' : ''
    return `  ${digits(from).padStart(9)}  ${bar(count)} |${bar(made.histogram[bin] ?? 0)}${mark}`
  })
  return ['             real                  made', ...lines].join('\n')
}

/** How well the judge tells real from made, and what a critic's figures mean. */
function skillInWords({ accuracy, area, real, made, threshold }: JudgingSummary): string {
  if (!real || !made || area === null) return ''
  const rightly = accuracy === null ? '' : `It tells ${percent(accuracy)} of them rightly at ${threshold}; `
  const few =
    Math.min(real.count, made.count) < FEW
      ? ` Only ${countInWords(real.count, 'picture')}: do not trust this much.`
      : ''
  const critic =
    threshold === null
      ? '\nA critic has no threshold: its figures mean something beside each other only. Each picture was judged by itself.'
      : ''
  return `${rightly}a real one scores above a made one in ${percent(area)} of all couples (50% is guessing).${few}${critic}`
}

function summaryInWords(summary: JudgingSummary): string {
  const { run, step, judge, asked, real, made } = summary
  return [
    `Judge ${judge} of ${run} at step ${step}.`,
    ...(asked ? [distributionInWords('Asked about', asked)] : []),
    ...(real ? [distributionInWords('Real, kept back from training', real)] : []),
    ...(made ? [distributionInWords("Made by the run's own generator", made)] : []),
    ...(asked ? [] : [histogramInWords(summary)]),
    skillInWords(summary),
  ]
    .filter(Boolean)
    .join('\n')
}

/** Tells an event. @returns the exit code where it is the last */
function tell(output: Output, event: JudgingEvent): number | undefined {
  switch (event.type) {
    case 'judging-progress':
      output.progress(`judged ${event.done} of ${event.total}  ${timeLeftInWords(event.secondsLeft)}`)
      return undefined
    case 'opinion':
      output.event(event, event.kind === 'asked' ? opinionInWords(event) : undefined)
      return undefined
    case 'picture-failed':
      output.event(event, `${event.name}: ${event.refusal.message} ${event.refusal.remedy}`)
      return undefined
    case 'judged':
      output.event(event, summaryInWords(event))
      return event.failed > 0 ? EXIT_FAILED : EXIT_DONE
    case 'judging-failed':
      output.refusal(event.refusal)
      return EXIT_FAILED
  }
}

async function judge(
  dir: string,
  pictures: readonly string[],
  flags: JudgeFlags,
  { output, signal }: CommandContext,
): Promise<number> {
  const [split, step] = [splitFrom(flags.split ?? 'test'), stepFrom(flags.step)]
  if (pictures.length === 0)
    for (const name of ['beside', 'label', 'output'] as const)
      if (flags[name] !== undefined)
        throw refuse('usage', `--${name} means nothing without pictures.`, 'Name pictures, or leave it out.')
  const { openBackend } = await import('../../engine/backends/index.ts')
  const { judgePictures } = await import('../../engine/judging/judgePictures.ts')
  const { chooseRun } = await import('../../engine/training/exportModel.ts')
  const projectFolder = resolve(dir)
  const run = await chooseRun({ projectFolder, ...(flags.run && { run: flags.run }) })
  await openBackend(threadsFrom(flags.threads))
  const request = {
    projectFolder,
    run,
    split,
    pictures: pictures.map((path) => resolve(path)),
    ...(step !== undefined && { step }),
    ...(flags.judge !== undefined && { judge: flags.judge }),
    ...(flags.label !== undefined && { label: flags.label }),
    ...(flags.beside !== undefined && { beside: resolve(flags.beside) }),
    ...(flags.output !== undefined && { output: resolve(flags.output) }),
  }
  for await (const event of judgePictures(request, signal)) {
    const code = tell(output, event)
    if (code !== undefined) return code
  }
  return EXIT_FAILED
}

export function addJudge(program: Command): void {
  program
    .command('judge')
    .description(
      "Ask the judge (discriminator) of a run whether pictures look real; without pictures, how well it tells held-out pictures from its generator's.",
    )
    .argument('<dir>', 'the project folder')
    .argument('[pictures...]', 'pictures, or folders of them')
    .option('--run <run>', 'the run; the newest when left out')
    .option(
      '--step <step>',
      "a step whose state was kept whole (default: that of the run's model, else the newest)",
    )
    .option(
      '--judge <judge>',
      'D_A or D_B, where there are two (default: the one that looks at what the model makes)',
    )
    .option(
      '--beside <dir>',
      'what the pictures were made of, under the same names: recipes that learn from pairs need it',
    )
    .option('--label <class>', 'the class of the pictures: recipes that are told classes need it')
    .option('--split <split>', 'the held-out pictures it is measured by: val or test (default: test)')
    .option(
      '--output <dir>',
      'a folder for the squares that it saw and, patch by patch, its verdicts as greys: white looks real',
    )
    .option('--threads <number>', 'processor threads')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych judge streets\n  diptych judge streets made/ --beside before/ --output verdicts/\n  diptych judge seasons photo.jpg --judge D_B\n\nA score of 0.5 and above passes for real. Critics (WGAN) have no such level: they are told against the means of real and made test pictures.',
    )
    .action((dir: string, pictures: string[], flags: JudgeFlags) =>
      runCommand(flags.json ?? false, (context) => judge(dir, pictures, flags, context)),
    )
}
