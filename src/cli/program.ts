import { Command, CommanderError } from 'commander'
import { readVersion } from '../engine/version.ts'
import { addCheck } from './commands/check.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEvaluate } from './commands/evaluate.ts'
import { addExport } from './commands/export.ts'
import { addGenerate } from './commands/generate.ts'
import { addImport } from './commands/import.ts'
import { addJudge } from './commands/judge.ts'
import { addNew } from './commands/new.ts'
import { addPack } from './commands/pack.ts'
import { addPick } from './commands/pick.ts'
import { addPlan } from './commands/plan.ts'
import { addRecipes } from './commands/recipes.ts'
import { addReport } from './commands/report.ts'
import { addSweep } from './commands/sweep.ts'
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
  diptych plan earth                               how long training takes here
  diptych train earth --preset quick               train on it
  diptych sweep earth --vary learning-rate=1e-4,2e-4   which setting is better
  diptych evaluate earth                           its saved states, scored on held-out pictures
  diptych report earth                             before and after, with figures
  diptych translate --model earth/models/earth-run-001.safetensors photos/ --output results/

Exit codes: 0 done, 1 failed or partly failed, 2 wrong usage, 130 interrupted (can be resumed).
With --json every event is one line of JSON on standard output, and the last line is the result.`,
    )
  for (const add of [
    addNew,
    addCheck,
    addPlan,
    addTrain,
    addSweep,
    addEvaluate,
    addPick,
    addJudge,
    addTranslate,
    addGenerate,
    addReport,
    addExport,
    addImport,
    addPack,
    addRecipes,
    addDoctor,
  ])
    add(program)
  for (const command of program.commands) command.exitOverride().showSuggestionAfterError(true)
  return program
}

/** With --json the last line is the result, also where commander refused before a command began. */
function tellWrongUsage(error: CommanderError): void {
  const [message = '', meant] = error.message.replace(/^error: /, '').split('\n')
  const remedy = meant?.replace(/^\(|\)$/g, '') ?? 'Add --help to see every option.'
  process.stdout.write(`${JSON.stringify({ type: 'refused', code: 'usage', message, remedy })}\n`)
}

/** Reads what was typed and runs its command; the exit code is left in `process.exitCode`. */
export async function runProgram(): Promise<void> {
  try {
    await createProgram().parseAsync(process.argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_WRONG_USAGE
    if (error.exitCode !== 0 && process.argv.includes('--json')) tellWrongUsage(error)
  }
}
