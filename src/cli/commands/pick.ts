import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { EXIT_DONE } from '../exits.ts'
import { runCommand } from '../run.ts'

type PickFlags = { run?: string; step: string; json?: boolean }

function stepFrom(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw refuse(
    'option-invalid',
    `--step cannot take "${text}".`,
    'Give the step of a saved state, such as 500.',
  )
}

export function addPick(program: Command): void {
  program
    .command('pick')
    .description("Make a saved state the run's own model, whatever its score: you have looked.")
    .argument('<dir>', 'the project folder')
    .option('--run <run>', 'the run; the newest when left out')
    .requiredOption('--step <step>', 'the step of a saved state')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nExample:\n  diptych pick earth --run run-001 --step 500\n\nThe states and their scores: diptych evaluate DIR. The model keeps its file name, and stays what you picked when the\nrun goes on.',
    )
    .action((dir: string, flags: PickFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        const { chooseRun, pickModel } = await import('../../engine/training/exportModel.ts')
        const projectFolder = resolve(dir)
        const step = stepFrom(flags.step)
        const run = await chooseRun({ projectFolder, ...(flags.run && { run: flags.run }) })
        const model = await pickModel({ projectFolder, run, step })
        output.event(
          { type: 'picked', run, step, model },
          `The model of ${run} is its state at step ${step} now: ${model}`,
        )
        return EXIT_DONE
      }),
    )
}
