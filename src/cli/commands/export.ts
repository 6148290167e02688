import { resolve } from 'node:path'
import type { Command } from 'commander'
import { EXIT_DONE } from '../exits.ts'
import { runCommand } from '../run.ts'

type ExportFlags = { run?: string; step: string; json?: boolean }

export function addExport(program: Command): void {
  program
    .command('export')
    .description('Make a model file of a run, finished or not.')
    .argument('<dir>', 'the project folder')
    .option('--run <run>', 'the run; the newest when left out')
    .option('--step <step>', 'best, last, or the step of a saved state', 'best')
    .option('--json', 'one line of JSON')
    .action((dir: string, flags: ExportFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        const { exportModel } = await import('../../engine/training/exportModel.ts')
        const step = flags.step === 'best' || flags.step === 'last' ? flags.step : Number(flags.step)
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
