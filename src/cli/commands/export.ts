import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { EXIT_DONE } from '../exits.ts'
import { runCommand } from '../run.ts'

const formats = ['safetensors', 'pth'] as const
type ExportFlags = { run?: string; step: string; format: string; json?: boolean }

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

/** The same weights beside the model, as PyTorch reads them. */
async function writePth(model: string): Promise<{ path: string; names: string }> {
  const { exportTorch } = await import('../../engine/interchange/torch/index.ts')
  const path = model.replace(/\.safetensors$/, '.pth')
  const { hasPeer } = await exportTorch(model, path)
  const names = hasPeer
    ? 'pytorch-CycleGAN-and-pix2pix and CUT'
    : 'Diptych: those projects have no such network'
  return { path, names }
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description('Make a model file of a run, finished or not.')
    .argument('<dir>', 'the project folder')
    .option('--run <run>', 'the run; the newest when left out')
    .option('--step <step>', 'best, last, or the step of a saved state', 'best')
    .option(
      '--format <format>',
      `${formats.join(' or ')} (a state_dict of PyTorch, beside the model)`,
      'safetensors',
    )
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych export earth\n  diptych export earth --run run-002 --step 500\n  diptych export earth --format pth',
    )
    .action((dir: string, flags: ExportFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        const { exportModel } = await import('../../engine/training/exportModel.ts')
        const [step, format] = [stepFrom(flags.step), formatFrom(flags.format)]
        const model = await exportModel({
          projectFolder: resolve(dir),
          step,
          ...(flags.run ? { run: flags.run } : {}),
        })
        output.event({ type: 'exported', model }, `The model: ${model}`)
        if (format === 'pth') {
          const { path, names } = await writePth(model)
          output.event(
            { type: 'exported', model: path, names },
            `For PyTorch, with the names of ${names}: ${path}`,
          )
        }
        return EXIT_DONE
      }),
    )
}
