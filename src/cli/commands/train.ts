import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { flagOf } from '../../core/options/describe.ts'
import { nearest } from '../../core/options/parse.ts'
import type { ProjectFile, TrainingSettings } from '../../core/project/project.ts'
import { type RecipeId, recipeIds, recipes } from '../../core/recipes/index.ts'
import { bytesInWords, durationInWords, timeLeftInWords } from '../../core/words.ts'
import { openProject } from '../../engine/storage/project.ts'
import type { startRun } from '../../engine/training/run.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, exitCodeOf } from '../exits.ts'
import { addOptionFlags, foreignFlag, optionsFromFlags, typedFlags } from '../optionFlags.ts'
import type { Output } from '../output.ts'
import { runCommand } from '../run.ts'
import { inShell } from '../shell.ts'
import { threadsFrom } from '../threads.ts'

type TrainFlags = {
  recipe?: string
  preset?: string
  resume?: string | true
  threads?: string
  json?: boolean
}
type Event = ReturnType<typeof startRun> extends AsyncGenerator<infer T> ? T : never

function isRecipe(id: string): id is RecipeId {
  return id in recipes
}

/** An option of another recipe would change nothing: it is refused, never ignored. */
function refuseForeign(recipe: RecipeId, flags: Readonly<Record<string, unknown>>): void {
  const foreign = foreignFlag(recipes[recipe].options, recipes, flags)
  if (!foreign) return
  throw refuse(
    'option-unknown',
    `${foreign.flag} is an option of ${foreign.id}, and this trains ${recipe}.`,
    `Leave it out, or add --recipe ${foreign.id}.`,
  )
}

/** What to train with: the preset or the project's own settings, under what was typed. */
export function settingsFrom(
  project: ProjectFile,
  flags: TrainFlags & Record<string, unknown>,
): TrainingSettings {
  const preset = flags.preset === undefined ? project.training : project.presets[flags.preset]
  if (!preset) {
    const known = Object.keys(project.presets)
    const meant = nearest(flags.preset ?? '', known)
    throw refuse(
      'preset-unknown',
      `${project.name} has no preset named ${flags.preset ?? ''}.`,
      meant ? `Did you mean ${meant}?` : `Its presets: ${known.join(', ') || 'none'}.`,
    )
  }
  const recipe = flags.recipe ?? preset.recipe
  if (!isRecipe(recipe))
    throw refuse(
      'recipe-unknown',
      `There is no recipe named ${recipe}.`,
      `The recipes are: ${recipeIds.join(', ')}.`,
    )
  refuseForeign(recipe, flags)
  const base = recipe === preset.recipe ? preset.options : {}
  return { recipe, options: { ...base, ...optionsFromFlags(recipes[recipe].options, flags) } }
}

function stepLine(event: Extract<Event, { type: 'step' }>, order: readonly string[]): string {
  const losses = order.flatMap((id) => {
    const loss = event.losses[id]
    return loss === undefined ? [] : [`${id} ${loss.toFixed(3)}`]
  })
  return `step ${event.step} of ${event.steps}  ${losses.join('  ')}  ${timeLeftInWords(event.secondsLeft)}`
}

const LINE_EVERY_MS = 15_000

/** Tells events in words; steps go to the live line, and to a line of their own now and then. */
function createTeller(output: Output, dir: string): (event: Event) => void {
  let lastLine = 0
  let order: readonly string[] = []
  return (event) => {
    if (event.type === 'run-started' && isRecipe(event.recipe))
      order = recipes[event.recipe].losses.map((loss) => loss.id)
    if (event.type === 'step') {
      const due = Date.now() - lastLine > LINE_EVERY_MS || event.step === event.steps
      if (due) lastLine = Date.now()
      output.event(event, due ? stepLine(event, order) : undefined)
      if (!due) output.progress(stepLine(event, order))
      return
    }
    output.event(event, wordsOf(event, dir))
  }
}

function wordsOf(event: Exclude<Event, { type: 'step' }>, dir: string): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `${event.resumed ? `Resuming ${event.run} at step ${event.step}` : `Started ${event.run}`} on ${event.backend.device} (${event.backend.kind} ${event.backend.version}), ${event.steps} steps.`
    case 'checkpoint':
      return `saved step ${event.step} (${bytesInWords(event.bytes)})${event.validationL1 === null ? '' : `, held-out L1 ${event.validationL1.toFixed(4)}`}`
    case 'finding':
      return findingInWords(event.finding)
    case 'rolled-back':
      return `Went back from step ${event.fromStep} to step ${event.step}; the learning rate is now ${event.learningRateScale} of what it was.`
    case 'stopped':
      return `Stopped at step ${event.step}. Go on with: diptych train ${inShell(dir)} --resume ${event.run}`
    default:
      return undefined
  }
}

/** With the flags of a new run that would do what the remedy says. */
function findingInWords(finding: Extract<Event, { type: 'finding' }>['finding']): string {
  const { level, message, remedy, change = {} } = finding
  const flags = Object.entries(change).map(([key, value]) => `${flagOf(key)} ${String(value)}`)
  const asFlags = flags.length > 0 ? ` For a new run: ${flags.join(' ')}` : ''
  return `${level}: ${message} ${remedy}${asFlags}`
}

/** A run keeps the settings it began with: an option beside --resume would be ignored, so it is refused. */
function refuseChanges(flags: TrainFlags & Record<string, unknown>): void {
  const chosen = (['recipe', 'preset'] as const).filter((name) => flags[name] !== undefined)
  const typed = recipeIds.flatMap((id) => typedFlags(recipes[id].options, flags))
  const [first] = [...chosen.map((name) => `--${name}`), ...typed]
  if (first === undefined) return
  throw refuse(
    'usage',
    `${first} cannot change a run that is resumed.`,
    'Leave it out to go on with the settings it began with, or leave --resume out to start a new run.',
  )
}

async function follow(events: AsyncGenerator<Event>, output: Output, dir: string): Promise<number> {
  const startedAt = Date.now()
  const tell = createTeller(output, dir)
  for await (const event of events) {
    if (event.type === 'done') {
      const seconds = (Date.now() - startedAt) / 1000
      output.event(
        {
          type: 'done',
          run: event.run,
          step: event.step,
          model: event.model,
          bestStep: event.bestStep,
          validationL1: event.validationL1,
        },
        `Done in ${durationInWords(seconds)}. The model (best at step ${event.bestStep}): ${event.model.path}`,
      )
      return EXIT_DONE
    }
    tell(event)
    if (event.type === 'stopped') return EXIT_INTERRUPTED
    if (event.type === 'failed') {
      output.refusal(event.refusal)
      return exitCodeOf(event.refusal.code)
    }
  }
  return EXIT_FAILED
}

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description(
      'Train a model on the pictures of a project, or go on with a run that was stopped or killed.',
    )
    .argument('<dir>', 'the project folder')
    .option('--recipe <id>', `how to train: ${recipeIds.join(', ')}`)
    .option('--preset <name>', "one of the project's presets, such as quick")
    .option('--resume [run]', 'go on with this run, or with the newest unfinished one')
    .option('--threads <number>', 'processor threads; the same number gives the same model, bit for bit')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych train earth --steps 2000 --seed 7\n  diptych train earth --lambda-l1 50 --net-g resnet_6blocks\n  diptych train earth --resume',
    )
  addOptionFlags(
    command,
    recipeIds.map((id) => recipes[id].options),
    { simple: 'What matters most:', all: 'All settings of the recipe:' },
  )
  command.action((dir: string, flags: TrainFlags & Record<string, unknown>) =>
    runCommand(flags.json ?? false, async ({ output, signal }) => {
      const projectFolder = resolve(dir)
      const { project } = await openProject(projectFolder)
      const threads = threadsFrom(flags.threads)
      if (flags.resume !== undefined) refuseChanges(flags)
      const training = settingsFrom(project, flags)
      const { resumeRun, startRun } = await import('../../engine/training/run.ts')
      if (flags.resume !== undefined) {
        const run = flags.resume === true ? {} : { run: flags.resume }
        return follow(resumeRun({ projectFolder, ...run, ...threads }, signal), output, dir)
      }
      return follow(startRun({ projectFolder, training, ...threads }, signal), output, dir)
    }),
  )
}
