import { resolve } from 'node:path'
import type { Command } from 'commander'
import { describeOptions, flagOf } from '../../core/options/describe.ts'
import { parsePatience } from '../../core/planning/patience.ts'
import type { Estimate, Plan } from '../../core/planning/plan.ts'
import type { TrainingSettings } from '../../core/project/project.ts'
import { recipeIds, recipes } from '../../core/recipes/index.ts'
import { bytesInWords, countInWords, durationInWords } from '../../core/words.ts'
import { openProject } from '../../engine/storage/project.ts'
import { EXIT_DONE, EXIT_FAILED } from '../exits.ts'
import { addOptionFlags } from '../optionFlags.ts'
import { runCommand } from '../run.ts'
import { inShell } from '../shell.ts'
import { threadsFrom } from '../threads.ts'
import { settingsFrom } from './train.ts'

type PlanFlags = {
  recipe?: string
  preset?: string
  patience?: string
  threads?: string
  json?: boolean
}

/** 17:40 today; another day is named. */
function momentInWords(seconds: number, now: Date): string {
  const at = new Date(now.getTime() + seconds * 1000)
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  const days = Math.round(
    (new Date(at).setHours(12, 0, 0, 0) - new Date(now).setHours(12, 0, 0, 0)) / 86_400_000,
  )
  if (days === 0) return time
  if (days === 1) return `${time} tomorrow`
  return `${time} on ${at.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })}`
}

function costsInWords({ memoryBytes, diskBytes }: Estimate): string {
  return `${bytesInWords(memoryBytes)} memory; up to ${bytesInWords(diskBytes)} on disk`
}

function valueInFlag(value: unknown): string {
  return value === null ? 'auto' : String(value)
}

/** The flags that turn what `train` does by itself in this project into these settings. */
export function flagsFor(proposed: TrainingSettings, own: TrainingSettings): string[] {
  const isSame = proposed.recipe === own.recipe
  const before = isSame ? own.options : {}
  const { options } = recipes[proposed.recipe]
  const flags = describeOptions(options).flatMap(({ key, defaultValue }) => {
    const given = proposed.options[key]
    const [from, to] = [before[key], given === undefined && key in before ? defaultValue : given]
    return to === undefined || to === from ? [] : [flagOf(key), valueInFlag(to)]
  })
  return isSame ? flags : ['--recipe', proposed.recipe, ...flags]
}

function limitsInWords(plan: Plan): string[] {
  const { fits, estimate, memoryFreeBytes, diskFreeBytes } = plan
  return [
    ...(fits.memory
      ? []
      : [
          `It needs ${bytesInWords(estimate.memoryBytes)} of memory, and ${bytesInWords(memoryFreeBytes)} are free.`,
        ]),
    ...(fits.disk
      ? []
      : [
          `It needs up to ${bytesInWords(estimate.diskBytes)} on the disk, and ${bytesInWords(diskFreeBytes)} are free.`,
        ]),
    ...(fits.time ? [] : ['That is longer than you want to wait.']),
    ...(plan.usesOwnPictures ? [] : ['No picture could be read: this was measured with drawn ones.']),
  ]
}

function planInWords(plan: Plan, dir: string, own: TrainingSettings, now: Date): string {
  const { estimate, proposals, legalSizesPx } = plan
  const { seconds, stepMs, steps } = estimate
  const lines = [
    `This run takes about ${durationInWords(seconds)} here, until ${momentInWords(seconds, now)}; ${costsInWords(estimate)}.`,
    `${countInWords(steps, 'step')} of ${(stepMs / 1000).toFixed(2)} s; ${(estimate.parameters / 1e6).toFixed(1)} million weights; ${bytesInWords(estimate.checkpointBytes)} a saved state.`,
    ...limitsInWords(plan),
    `Squares that fit: ${legalSizesPx.join(', ') || 'none'} px.`,
  ]
  if (proposals.length > 0) lines.push('', 'Lighter:')
  for (const { label, training, estimate: lighter, cost } of proposals) {
    const about = lighter.isMeasured ? 'about' : 'roughly'
    lines.push(
      `  ${label}: ${about} ${durationInWords(lighter.seconds)}, until ${momentInWords(lighter.seconds, now)}; ${costsInWords(lighter)}`,
      `    ${cost}`,
      `    diptych train ${inShell(dir)} ${flagsFor(training, own).join(' ')}`,
    )
  }
  if (!plan.fits.time && proposals.length === 0)
    lines.push('Nothing lighter fits either: give it more time, or take far fewer steps.')
  return lines.join('\n')
}

export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .description('Say how long a training takes here and what it needs, before it begins.')
    .argument('<dir>', 'the project folder')
    .option('--recipe <id>', `how to train: ${recipeIds.join(', ')}`)
    .option('--preset <name>', "one of the project's presets, such as quick")
    .option('--patience <time>', 'how long you want to wait: 2h, 45 (minutes), 17:30, "tomorrow 8:00"')
    .option('--threads <number>', 'processor threads')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych plan earth\n  diptych plan earth --recipe cyclegan --patience "tomorrow 8:00"\n\nTakes a few real steps and writes nothing into the runs of the project.',
    )
  addOptionFlags(
    command,
    recipeIds.map((id) => recipes[id].options),
    { simple: 'What matters most:', all: 'All settings of the recipe:' },
  )
  command.action((dir: string, flags: PlanFlags & Record<string, unknown>) =>
    runCommand(flags.json ?? false, async ({ output, signal }) => {
      const now = new Date()
      const projectFolder = resolve(dir)
      const { project } = await openProject(projectFolder)
      const training = settingsFrom(project, flags)
      const patienceSeconds = flags.patience === undefined ? null : parsePatience(flags.patience, now)
      const threads = threadsFrom(flags.threads)
      const { planRun } = await import('../../engine/planning/plan.ts')
      for await (const event of planRun({ projectFolder, training, patienceSeconds, ...threads }, signal)) {
        if (event.type === 'plan-progress') output.progress(`measuring, ${event.done} of ${event.total}`)
        const words =
          event.type === 'plan' ? planInWords(event.plan, dir, project.training, new Date()) : undefined
        output.event(event, words)
        if (event.type === 'plan') return EXIT_DONE
      }
      return EXIT_FAILED
    }),
  )
}
