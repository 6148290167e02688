/** A convolution, or a transposed one seen from the side of the convolution that it undoes. */
type Convolution = { outputPx: number; kernelPx: number; inputs: number; outputs: number }

/** Floating-point operations of one pass in units of 10^9; each of the two gradients costs the same. */
function countGflop({ outputPx, kernelPx, inputs, outputs }: Convolution): number {
  return (2 * outputPx ** 2 * kernelPx ** 2 * inputs * outputs) / 1e9
}

function sum(layers: readonly Convolution[]): number {
  return layers.reduce((total, layer) => total + countGflop(layer), 0)
}

/** U-Net with 4x4 stride-2 convolutions: first all downs, then all ups from the inside out. */
function unetLayers(sizePx: number, ngf: number, downs = Math.log2(sizePx)): Convolution[] {
  const width = (level: number): number => (level === 0 ? 3 : ngf * Math.min(2 ** (level - 1), 8))
  const levels = Array.from({ length: downs }, (_, index) => index + 1)
  const shape = (level: number) => ({ outputPx: sizePx / 2 ** level, kernelPx: 4 })
  return [
    ...levels.map((level) => ({ ...shape(level), inputs: width(level - 1), outputs: width(level) })),
    ...levels.toReversed().map((level) => ({
      ...shape(level),
      inputs: width(level) * (level === downs ? 1 : 2),
      outputs: width(level - 1),
    })),
  ]
}

/** The 70 x 70 PatchGAN on two pictures of three channels. */
function patchLayers(sizePx: number, ndf: number): Convolution[] {
  const width = [6, ndf, ndf * 2, ndf * 4, ndf * 8, 1]
  const outputPx = [sizePx / 2, sizePx / 4, sizePx / 8, sizePx / 8 - 1, sizePx / 8 - 2]
  return outputPx.map((px, index) => ({
    outputPx: px,
    kernelPx: 4,
    inputs: width[index] ?? 0,
    outputs: width[index + 1] ?? 0,
  }))
}

/** What the convolutions of U-Net's forward pass cannot do without. */
export function countForwardGflop(sizePx: number, ngf: number, downs?: number): number {
  return sum(unetLayers(sizePx, ngf, downs))
}

/** The same of a residual generator: stem, two halvings, blocks, two doublings by transposed convolutions, head. */
export function countResnetForwardGflop(sizePx: number, ngf: number, blocks: number): number {
  const [half, quarter] = [sizePx / 2, sizePx / 4]
  const inner = { outputPx: quarter, kernelPx: 3, inputs: 4 * ngf, outputs: 4 * ngf }
  return sum([
    { outputPx: sizePx, kernelPx: 7, inputs: 3, outputs: ngf },
    { outputPx: half, kernelPx: 3, inputs: ngf, outputs: 2 * ngf },
    { outputPx: quarter, kernelPx: 3, inputs: 2 * ngf, outputs: 4 * ngf },
    ...Array.from({ length: 2 * blocks }, () => inner),
    // A transposed convolution costs what the convolution that it undoes does.
    { outputPx: quarter, kernelPx: 3, inputs: 2 * ngf, outputs: 4 * ngf },
    { outputPx: half, kernelPx: 3, inputs: ngf, outputs: 2 * ngf },
    { outputPx: sizePx, kernelPx: 7, inputs: ngf, outputs: 3 },
  ])
}

/**
 * The same for a whole Pix2Pix step, batch 1: G forward once and both gradients (no input gradient at its first layer);
 * D forward three times, both gradients on the real and the fake pair (no input gradient at its first layer), and the
 * input gradient alone for the generator.
 */
export function countStepGflop(sizePx: number, ngf: number, ndf: number): number {
  const generator = unetLayers(sizePx, ngf)
  const discriminator = patchLayers(sizePx, ndf)
  const first = (layers: readonly Convolution[]): number => sum(layers.slice(0, 1))
  const learnG = 3 * sum(generator) - first(generator)
  const learnD = 2 * (3 * sum(discriminator) - first(discriminator))
  const judgeForG = 2 * sum(discriminator)
  return learnG + learnD + judgeForG
}
