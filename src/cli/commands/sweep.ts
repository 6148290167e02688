import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { SweepPlan } from '../../core/planning/plan.ts'
import type { ProjectFile, TrainingSettings } from '../../core/project/project.ts'
import { recipeIds, recipes } from '../../core/recipes/index.ts'
import { ladderOfSweep } from '../../core/sweeps/settings.ts'
import { standingsOf } from '../../core/sweeps/standing.ts'
import { sweepMeasures, type Sweep, type SweepMeasure, type SweepRequest } from '../../core/sweeps/sweep.ts'
import { parseVaryFlag } from '../../core/sweeps/vary.ts'
import { bytesInWords, durationInWords, timeLeftInWords } from '../../core/words.ts'
import { openProject } from '../../engine/storage/project.ts'
import type { SweepEvent } from '../../engine/sweeps/run.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from '../exits.ts'
import { addOptionFlags, typedFlags } from '../optionFlags.ts'
import type { Output } from '../output.ts'
import { runCommand, type CommandContext } from '../run.ts'
import { inShell } from '../shell.ts'
import { ladderInWords, rowsOf, settingInWords, sweepTable } from '../sweepTable.ts'
import { threadsFrom } from '../threads.ts'
import { flagsFor } from './plan.ts'
import { settingsFrom } from './train.ts'

type SweepFlags = {
  recipe?: string
  preset?: string
  vary?: string[]
  draws?: string
  eta?: string
  measure?: string
  plan?: boolean
  resume?: string | true
  threads?: string
  json?: boolean
} & Record<string, unknown>

function wrong(flag: string, text: string, remedy: string): Error {
  return refuse('option-invalid', `${flag} cannot take "${text}".`, remedy)
}

function etaFrom(text = '2'): SweepRequest['eta'] {
  if (text === '2') return 2
  if (text === '3') return 3
  throw wrong('--eta', text, 'Give 2, to keep the better half, or 3, to keep the best third.')
}

function drawsFrom(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw wrong('--draws', text, 'Give a number of settings, such as 8.')
}

function measureFrom(text: string | undefined): SweepMeasure | null {
  if (text === undefined) return null
  const bare = (id: string) => id.replaceAll('-', '').toLowerCase()
  const found = sweepMeasures.find((id) => bare(id) === bare(text))
  if (found) return found
  throw wrong('--measure', text, `Give one of: ${sweepMeasures.join(', ')}.`)
}

function requestFrom(project: ProjectFile, flags: SweepFlags): SweepRequest {
  const training = settingsFrom(project, flags)
  if (!flags.vary)
    throw refuse(
      'usage',
      'Nothing is varied.',
      'Add --vary OPTION=VALUE,VALUE, such as --vary learning-rate=1e-4,2e-4.',
    )
  const { threads } = threadsFrom(flags.threads)
  return {
    training,
    vary: flags.vary.map((text) => parseVaryFlag(training.recipe, text)),
    draws: drawsFrom(flags.draws),
    eta: etaFrom(flags.eta),
    measure: measureFrom(flags.measure),
    seed: parseOptions(recipes[training.recipe].options, training.options).seed,
    threads: threads ?? null,
  }
}

/** A sweep keeps what it began with: an option beside --resume would be ignored, so it is refused. */
function refuseChanges(flags: SweepFlags): void {
  const own = ['recipe', 'preset', 'vary', 'draws', 'eta', 'measure', 'plan', 'threads'] as const
  const named = own.filter((name) => flags[name] !== undefined).map((name) => `--${name}`)
  const [first] = [...named, ...recipeIds.flatMap((id) => typedFlags(recipes[id].options, flags))]
  if (first === undefined) return
  throw refuse(
    'usage',
    `${first} cannot change a sweep that is resumed.`,
    'Leave it out to go on as it began, or leave --resume out to start a new sweep.',
  )
}

type RunEvent = Extract<SweepEvent, { type: 'sweep-run' }>

/** What the run at work tells, in words where it is worth a line. */
function runLine({ event }: RunEvent): string | undefined {
  if (event.type === 'run-started') return `${event.resumed ? 'Going on with' : 'Trying'} ${event.run}.`
  if (event.type === 'finding')
    return `${event.run}, ${event.finding.level}: ${event.finding.message} ${event.finding.remedy}`
  return event.type === 'failed' ? `${event.run} failed: ${event.refusal.message}` : undefined
}

function tellRun(output: Output, told: RunEvent): void {
  output.event(told, runLine(told))
  const { event, done, total, secondsLeft } = told
  if (event.type === 'step')
    output.progress(
      `${event.run} step ${event.step}  ${done} of ${total} in all  ${timeLeftInWords(secondsLeft)}`,
    )
}

/** The leader's settings, and how to train with them once more. */
function leaderInWords(sweep: Sweep, { dir, own }: Place): string {
  const [leader] = standingsOf(sweep)
  if (leader?.state !== 'won') return 'None of these settings could be trained.'
  const { settings, run } = leader.trial
  const { recipe, options } = sweep.request.training
  const flags = flagsFor({ recipe, options: { ...options, ...settings } }, own)
  return [
    `The best: ${settingInWords(settings)} (${run ?? ''}).`,
    `Train with it for longer: diptych train ${inShell(dir)} ${flags.join(' ')}`,
  ].join('\n')
}

/** How much is known: it grows with every setting that is measured or fails. */
function knowledgeOf({ trials }: Sweep): number {
  return trials.reduce((sum, { results, failure }) => sum + results.length + (failure ? 1 : 0), 0)
}

/** What has been measured so far, as a table once there is something to compare. */
function stateInWords(sweep: Sweep): string {
  return knowledgeOf(sweep) === 0
    ? `${sweep.sweep}: ${ladderInWords(ladderOfSweep(sweep))}`
    : `\n${sweepTable(sweep)}\n`
}

type Place = { dir: string; own: TrainingSettings }

async function follow(events: AsyncGenerator<SweepEvent>, output: Output, place: Place): Promise<number> {
  let known = -1
  for await (const event of events) {
    if (event.type === 'sweep-run') tellRun(output, event)
    if (event.type === 'sweep') {
      const knows = knowledgeOf(event.sweep)
      output.event(event, knows > known ? stateInWords(event.sweep) : undefined)
      known = knows
    }
    if (event.type === 'sweep-stopped') {
      const { sweep } = event.sweep
      output.event(event, `Stopped. Go on with: diptych sweep ${inShell(place.dir)} --resume ${sweep}`)
      return EXIT_INTERRUPTED
    }
    if (event.type === 'sweep-done') {
      output.event({ ...event, table: rowsOf(event.sweep) }, leaderInWords(event.sweep, place))
      return EXIT_DONE
    }
  }
  return EXIT_FAILED
}

function planInWords(plan: SweepPlan): string {
  const most = plan.mostSeconds > 1.2 * plan.seconds ? `, at most ${durationInWords(plan.mostSeconds)}` : ''
  const about = plan.isMeasured ? 'about' : 'roughly'
  return [
    ladderInWords(plan),
    `This takes ${about} ${durationInWords(plan.seconds)} here${most}; ${bytesInWords(plan.memoryBytes)} memory; up to ${bytesInWords(plan.diskBytes)} on disk.`,
  ].join('\n')
}

async function tellPlan(
  projectFolder: string,
  request: SweepRequest,
  { output, signal }: CommandContext,
): Promise<number> {
  const { planSweep } = await import('../../engine/sweeps/plan.ts')
  for await (const event of planSweep(projectFolder, request, signal)) {
    if (event.type === 'plan-progress') output.progress(`measuring, ${event.done} of ${event.total}`)
    output.event(event, event.type === 'sweep-plan' ? planInWords(event.plan) : undefined)
    if (event.type === 'sweep-plan') return EXIT_DONE
  }
  return EXIT_FAILED
}

const EXAMPLES = `
Examples:
  diptych sweep earth --vary learning-rate=1e-4,2e-4,4e-4 --vary ngf=16,32 --steps 400
  diptych sweep earth --vary learning-rate=1e-5..1e-3 --draws 8 --eta 3
  diptych sweep earth --resume

All settings train a little, the better half of them twice as long, and so on; the last ones train to the end. Each is a
run of the project. Stop it at any moment and resume it: the result is the same.`

function collect(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text]
}

async function sweepProject(dir: string, flags: SweepFlags, context: CommandContext): Promise<number> {
  const { output, signal } = context
  const projectFolder = resolve(dir)
  const { project } = await openProject(projectFolder)
  const place = { dir, own: project.training }
  if (flags.resume !== undefined) {
    refuseChanges(flags)
    const { resumeSweep } = await import('../../engine/sweeps/run.ts')
    const name = flags.resume === true ? undefined : flags.resume
    return follow(resumeSweep(projectFolder, name, signal), output, place)
  }
  const request = requestFrom(project, flags)
  if (flags.plan) return tellPlan(projectFolder, request, context)
  const { startSweep } = await import('../../engine/sweeps/run.ts')
  return follow(startSweep(projectFolder, request, signal), output, place)
}

export function addSweep(program: Command): void {
  const command = program
    .command('sweep')
    .description(
      'Try several settings, keep training the better ones, and compare them on the same pictures.',
    )
    .argument('<dir>', 'the project folder')
    .option('--recipe <id>', `how to train: ${recipeIds.join(', ')}`)
    .option('--preset <name>', "one of the project's presets, such as quick")
    .option('--vary <option=values>', 'an option and the values to try; may be given several times', collect)
    .option('--draws <number>', 'try so many random combinations; ranges such as 1e-5..1e-3 are drawn from')
    .option('--eta <number>', '2: each round keeps the better half (usual); 3: the best third')
    .option('--measure <metric>', `what decides: ${sweepMeasures.join(', ')}; l1 with pairs, else kid`)
    .option('--plan', 'only say how many runs it is and how long it takes here')
    .option('--resume [sweep]', 'go on with this sweep, or with the newest unfinished one')
    .option('--threads <number>', 'processor threads; the same number gives the same models, bit for bit')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText('after', EXAMPLES)
  addOptionFlags(
    command,
    recipeIds.map((id) => recipes[id].options),
    { simple: 'What all settings have in common:', all: 'All settings of the recipe:' },
  )
  command.action((dir: string, flags: SweepFlags) =>
    runCommand(flags.json ?? false, (context) => sweepProject(dir, flags, context)),
  )
}
