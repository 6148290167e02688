import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { EXIT_DONE } from '../exits.ts'
import { modelFileOf } from '../modelFile.ts'
import type { Output } from '../output.ts'
import { runCommand } from '../run.ts'

const formats = ['safetensors', 'pth'] as const
type ExportFlags = {
  run?: string
  step?: string
  format: string
  model?: string
  output?: string
  json?: boolean
}

function stepFrom(text: string): number | 'best' | 'last' {
  if (text === 'best' || text === 'last') return text
  if (/^\d+$/.test(text)) return Number(text)
  throw refuse('option-invalid', `--step cannot take "${text}".`, 'Give best, last, or a number such as 500.')
}

function formatFrom(text: string): (typeof formats)[number] {
  const found = formats.find((format) => format === text)
  if (found) return found
  throw refuse('option-invalid', `--format cannot take "${text}".`, `Give one of: ${formats.join(', ')}.`)
}

/** What a model's weights are called as PyTorch reads them: beside it, unless told otherwise. */
const besideModel = (model: string): string => model.replace(/(\.safetensors)?$/, '.pth')

async function writePth(model: string, path: string, output: Output): Promise<void> {
  const { exportTorch } = await import('../../engine/interchange/torch/index.ts')
  const { hasPeer } = await exportTorch(model, path)
  const names = hasPeer
    ? 'pytorch-CycleGAN-and-pix2pix and CUT'
    : 'Diptych: those projects have no such network'
  output.event({ type: 'exported', model: path, names }, `For PyTorch, with the names of ${names}: ${path}`)
}

async function exportRun(dir: string, flags: ExportFlags, output: Output): Promise<void> {
  const { exportModel } = await import('../../engine/training/exportModel.ts')
  const [step, format] = [stepFrom(flags.step ?? 'best'), formatFrom(flags.format)]
  const model = await exportModel({
    projectFolder: resolve(dir),
    step,
    ...(flags.run ? { run: flags.run } : {}),
  })
  output.event({ type: 'exported', model }, `The model: ${model}`)
  if (format === 'pth') await writePth(model, besideModel(model), output)
}

/** A model file is a model already: what there is to make of it are weights for PyTorch. */
async function exportFile(name: string, flags: ExportFlags, output: Output): Promise<void> {
  if (formatFrom(flags.format) !== 'pth')
    throw refuse('usage', `${name} is a model file already.`, 'Say what to make of it: --format pth.')
  const model = modelFileOf(name)
  const path = resolve(flags.output ?? besideModel(existsSync(name) ? model : basename(model)))
  if (path === model)
    throw refuse(
      'usage',
      '--output would write over the model.',
      'Give another name, such as one that ends in .pth.',
    )
  await writePth(model, path, output)
}

function checkChoice(dir: string | undefined, { model, run, step, output }: ExportFlags): void {
  if ((dir === undefined) === (model === undefined))
    throw refuse(
      'usage',
      'Export a run of a project, or a model file.',
      'Give the project folder, or --model FILE.',
    )
  const stray = model === undefined ? { '--output': output } : { '--run': run, '--step': step }
  const found = Object.entries(stray).find(([, value]) => value !== undefined)
  if (found)
    throw refuse(
      'usage',
      `${found[0]} has no meaning for ${model === undefined ? 'a run, whose model goes to its project' : 'a model file'}.`,
      'Leave it out.',
    )
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description(
      'Make a model file of a run, finished or not, or weights for PyTorch of a run or a model file.',
    )
    .argument('[dir]', 'the project folder')
    .option('--run <run>', 'the run; the newest when left out')
    .option('--step <step>', 'best, last, or the step of a saved state; best when left out')
    .option('--model <file>', 'a model file, or the name of a starter model, instead of a project')
    .option(
      '--format <format>',
      `${formats.join(' or ')} (a state_dict of PyTorch, beside the model)`,
      'safetensors',
    )
    .option('-o, --output <file>', 'with --model: where the weights go; beside the model when left out')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych export earth\n  diptych export earth --run run-002 --step 500\n  diptych export earth --format pth\n  diptych export --model earth.safetensors --format pth',
    )
    .action((dir: string | undefined, flags: ExportFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        checkChoice(dir, flags)
        if (dir !== undefined) await exportRun(dir, flags, output)
        else await exportFile(flags.model ?? '', flags, output)
        return EXIT_DONE
      }),
    )
}
