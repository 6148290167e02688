import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { figureChoice, generateOptions } from '../../core/generation/events.ts'
import { parseOptions } from '../../core/options/parse.ts'
import type { GenerateRequest } from '../../engine/generation/generateSet.ts'
import type { SetSource } from '../../engine/generation/setSource.ts'
import type { WalkRequest } from '../../engine/generation/walk.ts'
import { EXIT_FAILED } from '../exits.ts'
import { modelFileOf } from '../modelFile.ts'
import { addOptionFlags, optionsFromFlags, typedFlags } from '../optionFlags.ts'
import { runCommand, type CommandContext } from '../run.ts'
import { stepFrom } from '../step.ts'
import { threadsFrom } from '../threads.ts'
import { tellGeneration } from '../tellGeneration.ts'

type GenerateFlags = {
  model?: string
  run?: string
  step?: string
  output: string
  real?: string
  from?: string
  figures?: boolean
  walk?: string[]
  frames: string
  threads?: string
  worthSteps?: string
  json?: boolean
}
type Flags = GenerateFlags & Record<string, unknown>

/** `12`, or `3:12` for picture 12 of seed 3. */
function placeFrom(text: string, seed: number): WalkRequest['from'] {
  const [, ofSeed, place] = /^(?:(\d{1,10}):)?(\d{1,10})$/.exec(text) ?? []
  if (place !== undefined) return { seed: ofSeed === undefined ? seed : Number(ofSeed), place: Number(place) }
  throw refuse(
    'option-invalid',
    `--walk cannot take "${text}".`,
    'Give numbers of pictures, such as --walk 0 7, or with the seed before each: --walk 3:0 5:0.',
  )
}

function walkFrom(
  flags: Flags,
  source: SetSource,
  request: Omit<GenerateRequest, 'figures' | 'worthSteps' | keyof SetSource>,
): WalkRequest {
  const { options, output, backend } = request
  const [from, to, ...others] = flags.walk ?? []
  const frames = Number(flags.frames)
  if (from === undefined || to === undefined || others.length > 0)
    throw refuse(
      'option-invalid',
      '--walk goes from one picture to another.',
      'Give two numbers of pictures.',
    )
  if (!Number.isInteger(frames) || frames < 2 || frames > 9999)
    throw refuse(
      'option-invalid',
      `--frames cannot take "${flags.frames}".`,
      'Give a whole number from 2 to 9999.',
    )
  const foreign = [
    ...(['real', 'from', 'figures'] as const)
      .filter((key) => flags[key] !== undefined)
      .map((key) => `--${key}`),
    ...typedFlags(figureChoice, { worthSteps: flags.worthSteps }),
    ...typedFlags(generateOptions, flags).filter((flag) => !['--seed', '--classes'].includes(flag)),
  ]
  if (foreign.length > 0)
    throw refuse(
      'option-invalid',
      `${foreign[0] ?? ''} changes nothing of a walk.`,
      'Leave it out, or leave out --walk.',
    )
  const { seed, classes } = options
  return {
    ...source,
    output,
    backend,
    frames,
    from: placeFrom(from, seed),
    to: placeFrom(to, seed),
    options: { classes },
  }
}

/** A model file, or a project with its run. @throws Refused `usage` */
async function sourceFrom(dir: string | undefined, { model, run, step }: GenerateFlags): Promise<SetSource> {
  if (model !== undefined && dir === undefined) {
    if (run === undefined && step === undefined) return { modelPath: modelFileOf(model) }
    throw refuse('usage', '--run and --step mean nothing with a model file.', 'Name the project instead.')
  }
  if (model !== undefined || dir === undefined)
    throw refuse(
      'usage',
      model === undefined ? 'There is nothing to generate from.' : 'Both a model and a project were named.',
      'Give a model file (--model), or a project folder.',
    )
  const { chooseRun } = await import('../../engine/training/exportModel.ts')
  const projectFolder = resolve(dir)
  const at = stepFrom(step)
  const chosen = await chooseRun({ projectFolder, ...(run !== undefined && { run }) })
  return { projectFolder, run: chosen, ...(at !== undefined && { step: at }) }
}

async function generate(
  dir: string | undefined,
  flags: Flags,
  { output, signal }: CommandContext,
): Promise<number> {
  const options = parseOptions(generateOptions, optionsFromFlags(generateOptions, flags))
  const { worthSteps } = figureChoice.parse(optionsFromFlags(figureChoice, { worthSteps: flags.worthSteps }))
  const threads = threadsFrom(flags.threads)
  const source = await sourceFrom(dir, flags)
  const { openBackend } = await import('../../engine/backends/index.ts')
  const { generateTold } = await import('../../engine/generation/generateSet.ts')
  const { walk } = await import('../../engine/generation/walk.ts')
  const { device } = await openBackend(threads)
  const request = {
    output: resolve(flags.output),
    options,
    backend: device,
    ...(flags.real !== undefined && { realFolder: resolve(flags.real) }),
    ...(flags.from !== undefined && { sourceFolder: resolve(flags.from) }),
  }
  const events = flags.walk
    ? walk(walkFrom(flags, source, request), signal)
    : generateTold({ ...source, ...request, figures: flags.figures ?? null, worthSteps }, signal)
  for await (const event of events) {
    const code = tellGeneration(output, event)
    if (code !== undefined) return code
  }
  return EXIT_FAILED
}

function addFlags(command: Command): Command {
  return command
    .argument('[dir]', 'the project folder, instead of a model: --drop-lowest needs the judge of its run')
    .option(
      '--model <file>',
      'a model from noise (gan, cgan, wgan, wgan-gp, progressive), or with --from one that turns pictures',
    )
    .option('--run <run>', 'the run of the project; the newest when left out')
    .option('--step <step>', "a saved state of that run (default: the run's model)")
    .requiredOption(
      '--output <dir>',
      'an empty folder, or one in which this very set was stopped: it goes on there',
    )
    .option(
      '--from <dir>',
      'pictures to be turned: into each class by a model of the recipe attribute, or once by any other; subfolders are classes and are kept',
    )
    .option(
      '--real <dir>',
      'real pictures, the training pictures above all: what is too close to one of them is left out, and figures are found beside them',
    )
    .option(
      '--figures',
      'find figures of the whole set (default: where the training pictures of the model are found, or --real names some)',
    )
    .option('--no-figures', 'find none')
    .option(
      '--walk <pictures...>',
      'instead of a set the way from one picture to another: FROM TO, each a number or SEED:NUMBER',
    )
    .option('--frames <number>', 'pictures on the way, both ends included', '30')
    .option('--threads <number>', 'processor threads')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      `
Examples:
  diptych generate --model fashion/models/fashion-run-001.safetensors --output set/ --count 10000 --classes "Shirt=2000, Coat" --test-share 0.1
  diptych generate fashion --run run-001 --output set/ --count 10000 --drop-lowest 0.2
  diptych generate --model fashion/models/fashion-run-001.safetensors --output more/ --balance
  diptych generate --model seasons.safetensors --from photos/ --output set/ --classes "winter=500, summer"
  diptych generate --model fashion/models/fashion-run-001.safetensors --output walk/ --walk 0 7 --frames 60`,
    )
}

export function addGenerate(program: Command): void {
  const command = addFlags(
    program
      .command('generate')
      .description(
        'Make a whole data set with a model: pictures by class and split, a table, and a card that says where they come from and what they are worth.',
      ),
  )
  addOptionFlags(command, [generateOptions, figureChoice])
  command.action((dir: string | undefined, flags: Flags) =>
    runCommand(flags.json ?? false, (context) => generate(dir, flags, context)),
  )
}
