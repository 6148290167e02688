import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { translateOptions } from '../../core/translation/events.ts'
import { countInWords, timeLeftInWords } from '../../core/words.ts'
import type { translate } from '../../engine/inference/translate.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from '../exits.ts'
import { addOptionFlags, optionsFromFlags } from '../optionFlags.ts'
import { modelFileOf } from '../modelFile.ts'
import type { Output } from '../output.ts'
import { runCommand } from '../run.ts'
import { threadsFrom } from '../threads.ts'

type TranslateFlags = { model: string; output: string; memory?: string; threads?: string; json?: boolean }
type Event = ReturnType<typeof translate> extends AsyncGenerator<infer T> ? T : never

const UNITS: Record<string, number> = { MB: 1, GB: 1000, MIB: 1.048576, GIB: 1073.741824 }

/** `2GB`, `500 MB`, `1.5GiB` to megabytes. */
export function memoryInMb(text: string): number {
  const [, amount, unit] = /^([\d.]+)\s*([a-z]+)$/i.exec(text.trim()) ?? []
  const scale = UNITS[(unit ?? '').toUpperCase()]
  if (amount === undefined || scale === undefined || !(Number(amount) > 0))
    throw refuse('option-invalid', `--memory cannot take "${text}".`, 'Give a size such as 2GB or 800MB.')
  const megabytes = Math.round(Number(amount) * scale)
  if (translateOptions.shape.memoryMb.safeParse(megabytes).success) return megabytes
  throw refuse('option-invalid', `--memory cannot take "${text}".`, 'Give at least 256MB and at most 1000GB.')
}

function optionsFrom(flags: TranslateFlags & Record<string, unknown>) {
  const typed = optionsFromFlags(translateOptions.omit({ memoryMb: true }), flags)
  const memory = flags.memory === undefined ? {} : { memoryMb: memoryInMb(flags.memory) }
  return parseOptions(translateOptions, { ...typed, ...memory })
}

function wordsOf(event: Event): string | undefined {
  switch (event.type) {
    case 'translate-started':
      return `${countInWords(event.total, 'picture')} to translate into ${event.output.path} (${event.backend})`
    case 'translated':
      return `${event.index + 1}/${event.total} ${event.output.path}`
    case 'item-skipped':
      return `${event.index + 1}/${event.total} skipped ${event.input.path}: ${event.reason}`
    case 'item-failed':
      return `${event.index + 1}/${event.total} failed ${event.input.path}: ${event.refusal.message} ${event.refusal.remedy}`
    default:
      return undefined
  }
}

function tell(output: Output, event: Event): void {
  output.event(event, wordsOf(event))
  if (event.type !== 'tile') return
  const place = `picture ${event.index + 1} of ${event.total}, tile ${event.tile} of ${event.tiles}`
  output.progress(`${place}  ${timeLeftInWords(event.secondsLeft)}`)
}

async function follow(events: AsyncGenerator<Event>, output: Output): Promise<number> {
  for await (const event of events) {
    tell(output, event)
    if (event.type === 'translate-failed') {
      output.refusal(event.refusal)
      return EXIT_FAILED
    }
    if (event.type !== 'translate-done') continue
    const { translated, failed, skipped, cancelled } = event
    output.event(
      { type: 'done', translated, failed, skipped },
      `${translated} translated, ${failed} failed, ${skipped} skipped.`,
    )
    if (cancelled) return EXIT_INTERRUPTED
    return failed > 0 ? EXIT_FAILED : EXIT_DONE
  }
  return EXIT_FAILED
}

export function addTranslate(program: Command): void {
  const command = program
    .command('translate')
    .description(
      'Translate pictures and folders with a model. Originals are never touched; what exists is skipped.',
    )
    .argument('<input...>', 'pictures and folders')
    .requiredOption('--model <file>', 'a model file, or a starter model: enlarge-x2, enlarge-x4, denoise')
    .requiredOption('--output <dir>', 'where results go; folders inside are mirrored')
    .option('--memory <size>', 'stay under this, such as 2GB')
    .option('--threads <number>', 'processor threads')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExample:\n  diptych translate --model earth/models/earth-run-001.safetensors photos/ --output results/ --memory 2GB',
    )
  addOptionFlags(command, [translateOptions.omit({ memoryMb: true })])
  command.action((inputs: string[], flags: TranslateFlags) =>
    runCommand(flags.json ?? false, async ({ output, signal }) => {
      const options = optionsFrom(flags)
      const threads = threadsFrom(flags.threads)
      const modelPath = modelFileOf(flags.model)
      const { openBackend } = await import('../../engine/backends/index.ts')
      const { translate } = await import('../../engine/inference/translate.ts')
      await openBackend(threads)
      const work = {
        modelPath,
        inputs: inputs.map((input) => resolve(input)),
        output: resolve(flags.output),
        options,
      }
      return follow(translate(work, signal), output)
    }),
  )
}
