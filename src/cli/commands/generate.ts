import { resolve } from 'node:path'
import type { Command } from 'commander'
import { generateOptions } from '../../core/generation/events.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { countInWords, timeLeftInWords } from '../../core/words.ts'
import type { GenerationEvent } from '../../engine/generation/generateSet.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from '../exits.ts'
import { modelFileOf } from '../modelFile.ts'
import { addOptionFlags, optionsFromFlags } from '../optionFlags.ts'
import type { Output } from '../output.ts'
import { runCommand } from '../run.ts'
import { threadsFrom } from '../threads.ts'

type GenerateFlags = { model: string; output: string; real?: string; threads?: string; json?: boolean }

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
    case 'generation-failed':
      output.refusal(event.refusal)
      return EXIT_FAILED
    case 'generation-done': {
      const { made, leftOut, cancelled } = event
      const left = `${leftOut.alike} left out as too alike, ${leftOut.known} as too close to a real one`
      output.event(
        { ...event, type: 'done' },
        `${countInWords(made, 'picture')} in ${event.output.path}; ${left}.`,
      )
      return cancelled ? EXIT_INTERRUPTED : EXIT_DONE
    }
  }
}

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description(
      'Make a whole data set with a model from noise: pictures by class and split, a table, and a card that says where they come from.',
    )
    .requiredOption('--model <file>', 'a model of the recipe gan, cgan, wgan or wgan-gp')
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
      '\nExample:\n  diptych generate --model fashion/models/fashion-run-001.safetensors --output set/ --count 10000 --classes "Shirt=2000, Coat" --test-share 0.1',
    )
  addOptionFlags(command, [generateOptions])
  command.action((flags: GenerateFlags & Record<string, unknown>) =>
    runCommand(flags.json ?? false, async ({ output, signal }) => {
      const options = parseOptions(generateOptions, optionsFromFlags(generateOptions, flags))
      const threads = threadsFrom(flags.threads)
      const modelPath = modelFileOf(flags.model)
      const { openBackend } = await import('../../engine/backends/index.ts')
      const { generateTold } = await import('../../engine/generation/generateSet.ts')
      const backend = await openBackend(threads)
      const request = {
        modelPath,
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
    }),
  )
}
