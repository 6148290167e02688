import { basename, extname, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT_DONE } from '../exits.ts'
import { runCommand } from '../run.ts'

type ImportFlags = {
  output?: string
  trainedSizePx: number
  norm: 'running' | 'batch'
  licence?: string
  json?: boolean
}

function sizeFrom(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 16) return Number(text)
  throw new InvalidArgumentError('Give a number of pixels, such as 256.')
}

function normFrom(text: string): 'running' | 'batch' {
  if (text === 'running' || text === 'batch') return text
  throw new InvalidArgumentError('Give running or batch.')
}

export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'Make a model file of weights that PyTorch saved: the generators of pytorch-CycleGAN-and-pix2pix and CUT.',
    )
    .argument('<file>', 'a state_dict, such as latest_net_G.pth; it is parsed, never run')
    .option('-o, --output <file>', 'where the model goes; beside the file when left out')
    .option('--trained-size-px <px>', 'the side of the squares that it was trained on', sizeFrom, 256)
    .option(
      '--norm <statistics>',
      'what its batch norms go by: running (from training) or batch (of the picture)',
      normFrom,
      'running',
    )
    .option('--licence <text>', 'what the weights may be used for, as their maker says it')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nExample:\n  diptych import latest_net_G.pth\n  diptych translate --model latest_net_G.safetensors photos/ --output results/',
    )
    .action((file: string, flags: ImportFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        const { importTorch } = await import('../../engine/interchange/torch/index.ts')
        const path = resolve(file)
        const stem = basename(path, extname(path))
        const model = resolve(
          flags.output ?? `${path.slice(0, path.length - basename(path).length)}${stem}.safetensors`,
        )
        const { network, input, output: made } = await importTorch({ ...flags, path, output: model })
        output.event(
          { type: 'imported', model, architecture: network.architecture, options: network.options },
          `${network.architecture}, ${input.channels} to ${made.channels} channels: ${model}`,
        )
        return EXIT_DONE
      }),
    )
}
