import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { generateOptions } from '../../core/generation/events.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { countInWords, timeLeftInWords } from '../../core/words.ts'
import type { GenerationEvent } from '../../engine/generation/generateSet.ts'
import type { SetSource } from '../../engine/generation/source.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from '../exits.ts'
import { modelFileOf } from '../modelFile.ts'
import { addOptionFlags, optionsFromFlags } from '../optionFlags.ts'
import type { Output } from '../output.ts'
import { runCommand, type CommandContext } from '../run.ts'
import { stepFrom } from '../step.ts'
import { threadsFrom } from '../threads.ts'

type GenerateFlags = {
  model?: string
  run?: string
  step?: string
  output: string
  real?: string
  threads?: string
  json?: boolean
}

type Flags = GenerateFlags & Record<string, unknown>

/** Tells an event. @returns the exit code where it is the last */
function tell(output: Output, event: GenerationEvent): number | undefined {
  switch (event.type) {
    case 'generation-started': {
      const already = event.already > 0 ? `, ${event.already} of them there already` : ''
      output.event(
        event,
        `${countInWords(event.total, 'picture')} to make into ${event.output.path}${already} (${event.backend})`,
      )
      return undefined
    }
    case 'generated':
      output.event(event, undefined)
      output.progress(`picture ${event.index + 1} of ${event.total}  ${timeLeftInWords(event.secondsLeft)}`)
      return undefined
    case 'generation-trial':
      output.event(event, undefined)
      output.progress(`learning which verdicts are the lowest: trial picture ${event.done} of ${event.total}`)
      return undefined
    case 'generation-failed':
      output.refusal(event.refusal)
      return EXIT_FAILED
    case 'generation-done': {
      const { made, leftOut, cancelled } = event
      const doubted = leftOut.doubted > 0 ? `, ${leftOut.doubted} by the judge's verdict` : ''
      const left = `${leftOut.alike} left out as too alike, ${leftOut.known} as too close to a real one${doubted}`
      output.event(
        { ...event, type: 'done' },
        `${countInWords(made, 'picture')} in ${event.output.path}; ${left}.`,
      )
      return cancelled ? EXIT_INTERRUPTED : EXIT_DONE
    }
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
  const threads = threadsFrom(flags.threads)
  const source = await sourceFrom(dir, flags)
  const { openBackend } = await import('../../engine/backends/index.ts')
  const { generateTold } = await import('../../engine/generation/generateSet.ts')
  const backend = await openBackend(threads)
  const request = {
    ...source,
    output: resolve(flags.output),
    options,
    backend: backend.device,
    ...(flags.real !== undefined && { realFolder: resolve(flags.real) }),
  }
  for await (const event of generateTold(request, signal)) {
    const code = tell(output, event)
    if (code !== undefined) return code
  }
  return EXIT_FAILED
}

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description(
      'Make a whole data set with a model from noise: pictures by class and split, a table, and a card that says where they come from.',
    )
    .argument('[dir]', 'the project folder, instead of a model: --drop-lowest needs the judge of its run')
    .option('--model <file>', 'a model of the recipe gan, cgan, wgan, wgan-gp or progressive')
    .option('--run <run>', 'the run of the project; the newest when left out')
    .option('--step <step>', "a saved state of that run (default: the run's model)")
    .requiredOption(
      '--output <dir>',
      'an empty folder, or one in which this very set was stopped: it goes on there',
    )
    .option(
      '--real <dir>',
      'real pictures, the training pictures above all: what is too close to one of them is left out',
    )
    .option('--threads <number>', 'processor threads')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExample:\n  diptych generate --model fashion/models/fashion-run-001.safetensors --output set/ --count 10000 --classes "Shirt=2000, Coat" --test-share 0.1\n  diptych generate fashion --run run-001 --output set/ --count 10000 --drop-lowest 0.2',
    )
  addOptionFlags(command, [generateOptions])
  command.action((dir: string | undefined, flags: Flags) =>
    runCommand(flags.json ?? false, (context) => generate(dir, flags, context)),
  )
}
