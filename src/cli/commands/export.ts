import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { EXIT_DONE } from '../exits.ts'
import { runCommand } from '../run.ts'

type ExportFlags = { run?: string; step: string; json?: boolean }

function stepFrom(text: string): number | 'best' | 'last' {
  if (text === 'best' || text === 'last') return text
  if (/^\d+$/.test(text)) return Number(text)
  throw refuse('option-invalid', `--step cannot take "${text}".`, 'Give best, last, or a number such as 500.')
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description('Make a model file of a run, finished or not.')
    .argument('<dir>', 'the project folder')
    .option('--run <run>', 'the run; the newest when left out')
    .option('--step <step>', 'best, last, or the step of a saved state', 'best')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych export earth\n  diptych export earth --run run-002 --step 500',
    )
    .action((dir: string, flags: ExportFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        const { exportModel } = await import('../../engine/training/exportModel.ts')
        const step = stepFrom(flags.step)
        const model = await exportModel({
          projectFolder: resolve(dir),
          step,
          ...(flags.run ? { run: flags.run } : {}),
        })
        output.event({ type: 'exported', model }, `The model: ${model}`)
        return EXIT_DONE
      }),
    )
}
