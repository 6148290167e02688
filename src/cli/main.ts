import { Command, CommanderError } from 'commander'
import { readVersion } from '../engine/version.ts'
import { addCheck } from './commands/check.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExport } from './commands/export.ts'
import { addNew } from './commands/new.ts'
import { addReport } from './commands/report.ts'
import { addTrain } from './commands/train.ts'
import { addTranslate } from './commands/translate.ts'
import { EXIT_WRONG_USAGE } from './exits.ts'

function createProgram(): Command {
  const program = new Command('diptych')
    .description(
      'Image-to-image translation on your own machine: train on pairs, translate photographs, compare.',
    )
    .version(readVersion())
    .showSuggestionAfterError(true)
    .showHelpAfterError('Add --help to see every option.')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  diptych new earth --sample map-to-satellite      a project from the sample
  diptych train earth --preset quick               train on it
  diptych report earth                             before and after, with figures
  diptych translate --model earth/models/earth-run-001.safetensors photos/ --output results/

Exit codes: 0 done, 1 failed or partly failed, 2 wrong usage, 130 interrupted (can be resumed).
With --json every event is one line of JSON on standard output, and the last line is the result.`,
    )
  for (const add of [addNew, addCheck, addTrain, addTranslate, addReport, addExport, addDoctor]) add(program)
  for (const command of program.commands) command.exitOverride().showSuggestionAfterError(true)
  return program
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync(process.argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_WRONG_USAGE
  }
}

await main()
