import type { TorchTensor } from './torchFile.ts'

export type Tensors = ReadonlyMap<string, TorchTensor>
type Norm = 'batch' | 'instance' | 'none'
/** Names of a network and its options, read off the names and shapes of a file. */
type Guess = { architecture: string; options: Record<string, unknown> }

/** @returns the side of a tensor along an axis, 0 where there is none */
function sideOf(tensors: Tensors, name: string, axis: number): number {
  return tensors.get(name)?.shape[axis] ?? 0
}

/** A batch norm has weights; without a norm, convolutions have no bias there. */
function normOf(tensors: Tensors, conv: string, norm: string): Norm {
  if (tensors.has(`${norm}.weight`)) return 'batch'
  return tensors.has(`${conv}.bias`) ? 'instance' : 'none'
}

function guessResnet(tensors: Tensors): Guess | undefined {
  const names = [...tensors.keys()]
  const blocks = new Set(names.flatMap((name) => /^model\.(\d+)\.conv_block\./.exec(name)?.[1] ?? []))
  if (blocks.size === 0) return undefined
  const isBlurredDown = tensors.has('model.7.filt')
  const firstUp = 4 + 2 * (isBlurredDown ? 4 : 3) + blocks.size
  const isBlurredUp = tensors.has(`model.${firstUp}.filt`)
  const head = `model.${firstUp + 2 * (isBlurredUp ? 4 : 3) + 1}.weight`
  return {
    architecture: `resnet_${blocks.size}blocks`,
    options: {
      inputChannels: sideOf(tensors, 'model.1.weight', 1),
      outputChannels: sideOf(tensors, head, 0),
      ngf: sideOf(tensors, 'model.1.weight', 0),
      norm: normOf(tensors, 'model.1', 'model.2'),
      dropout: names.some(
        (name) => /\.conv_block\.6\.weight$/.test(name) && tensors.get(name)?.shape.length === 4,
      ),
      downsampling: isBlurredDown ? 'antialiased' : 'strided',
      upsampling: isBlurredUp ? 'antialiased' : 'transposed',
    },
  }
}

/** Dropout leaves no trace in a U-Net's names; it matters only while one learns. */
function guessUnet(tensors: Tensors): Guess | undefined {
  if (!tensors.has('model.model.0.weight')) return undefined
  let downs = 1
  for (let prefix = 'model.model.1.model'; tensors.has(`${prefix}.1.weight`); prefix += '.3.model') downs += 1
  return {
    architecture: `unet_${2 ** downs}`,
    options: {
      inputChannels: sideOf(tensors, 'model.model.0.weight', 1),
      outputChannels: sideOf(tensors, 'model.model.3.weight', 1),
      ngf: sideOf(tensors, 'model.model.0.weight', 0),
      norm: normOf(tensors, 'model.model.0', 'model.model.1.model.2'),
      dropout: true,
      upsampling: 'transposed',
    },
  }
}

function guessPatch(tensors: Tensors): Guess | undefined {
  if (tensors.get('model.0.weight')?.shape[2] !== 4) return undefined
  const isBlurred = tensors.has('model.2.filt')
  const convs = [...tensors].filter(
    ([name, { shape }]) => /^model\.\d+\.weight$/.test(name) && shape.length === 4,
  )
  const second = isBlurred ? 3 : 2
  return {
    architecture: `patch_${convs.length - 2}layers`,
    options: {
      inputChannels: sideOf(tensors, 'model.0.weight', 1),
      ndf: sideOf(tensors, 'model.0.weight', 0),
      norm: normOf(tensors, `model.${second}`, `model.${second + 1}`),
      downsampling: isBlurred ? 'antialiased' : 'strided',
    },
  }
}

/** How many different numbers stand in a place of the names. */
function countOf(tensors: Tensors, pattern: RegExp): number {
  return new Set([...tensors.keys()].flatMap((name) => pattern.exec(name)?.[1] ?? [])).size
}

function guessResnetCat(tensors: Tensors): Guess | undefined {
  const stem = 'enc_content.model.0.conv.weight'
  if (!tensors.has(stem)) return undefined
  return {
    architecture: `resnet_cat_${countOf(tensors, /^enc_content\.model\.3\.model\.(\d+)\./)}blocks`,
    options: {
      inputChannels: sideOf(tensors, stem, 1),
      outputChannels: sideOf(tensors, 'dec.model.5.conv.weight', 0),
      ngf: sideOf(tensors, stem, 0),
    },
  }
}

function guessStyleTranslator(tensors: Tensors): Guess | undefined {
  const stem = 'encoder.convs.1.0.weight'
  if (!tensors.has(stem)) return undefined
  const halvings = countOf(tensors, /^encoder\.convs\.(\d+)\.skip\.1\.weight$/)
  const half = countOf(tensors, /^encoder\.convs\.(\d+)\.conv1\.0\.weight$/) - halvings
  return {
    architecture: `stylegan2_${2 * half}blocks`,
    options: {
      inputChannels: sideOf(tensors, stem, 1),
      outputChannels: sideOf(tensors, `decoder.convs.${half + halvings}.0.weight`, 0),
      widths: Array.from({ length: halvings + 1 }, (_, level) =>
        sideOf(tensors, level === 0 ? stem : `encoder.convs.${level + 1}.conv2.1.weight`, 0),
      ).join('-'),
    },
  }
}

/** What each family would be, were the file one of it. */
export const guesses = [guessResnet, guessUnet, guessPatch, guessResnetCat, guessStyleTranslator]
