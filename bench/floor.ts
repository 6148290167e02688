/** A convolution, or a transposed one seen from the side of the convolution that it undoes. */
type Convolution = { outputPx: number; kernelPx: number; inputs: number; outputs: number }

/** Floating-point operations of one pass in units of 10^9; each of the two gradients costs the same. */
function countGflop({ outputPx, kernelPx, inputs, outputs }: Convolution): number {
  return (2 * outputPx ** 2 * kernelPx ** 2 * inputs * outputs) / 1e9
}

function sum(layers: readonly Convolution[]): number {
  return layers.reduce((total, layer) => total + countGflop(layer), 0)
}

/** U-Net with 4x4 stride-2 convolutions: first all downs, each given so many planes of a code, then all ups from the inside out. */
function unetLayers(sizePx: number, ngf: number, downs = Math.log2(sizePx), latent = 0): Convolution[] {
  const width = (level: number): number => (level === 0 ? 3 : ngf * Math.min(2 ** (level - 1), 8))
  const levels = Array.from({ length: downs }, (_, index) => index + 1)
  const shape = (level: number) => ({ outputPx: sizePx / 2 ** level, kernelPx: 4 })
  return [
    ...levels.map((level) => ({ ...shape(level), inputs: width(level - 1) + latent, outputs: width(level) })),
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

/** The same of a residual generator. */
export function countResnetForwardGflop(sizePx: number, ngf: number, blocks: number): number {
  return sum(resnetLayers(sizePx, ngf, blocks))
}

/** Stem, two halvings, blocks, two doublings by transposed convolutions, head. */
function resnetLayers(sizePx: number, ngf: number, blocks: number, channels = 3): Convolution[] {
  const [half, quarter] = [sizePx / 2, sizePx / 4]
  const inner = { outputPx: quarter, kernelPx: 3, inputs: 4 * ngf, outputs: 4 * ngf }
  return [
    { outputPx: sizePx, kernelPx: 7, inputs: channels, outputs: ngf },
    { outputPx: half, kernelPx: 3, inputs: ngf, outputs: 2 * ngf },
    { outputPx: quarter, kernelPx: 3, inputs: 2 * ngf, outputs: 4 * ngf },
    ...Array.from({ length: 2 * blocks }, () => inner),
    // A transposed convolution costs what the convolution that it undoes does.
    { outputPx: quarter, kernelPx: 3, inputs: 2 * ngf, outputs: 4 * ngf },
    { outputPx: half, kernelPx: 3, inputs: ngf, outputs: 2 * ngf },
    { outputPx: sizePx, kernelPx: 7, inputs: ngf, outputs: 3 },
  ]
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

type BicycleWidths = { ngf: number; ndf: number; nef: number; latent: number }

/**
 * The same of BicycleGAN: G forward twice and both gradients, by its input without the picture at its first layer, and without the
 * codes where they were drawn; the encoder forward and both gradients on the true picture (no input gradient at its first layer),
 * forward and by its input on a made one; each judge as that of Pix2Pix.
 */
export function countBicycleStepGflop(sizePx: number, { ngf, ndf, nef, latent }: BicycleWidths): number {
  const downs = Math.log2(sizePx)
  const [coded, plain] = [latent, 0].map((planes) => unetLayers(sizePx, ngf, downs, planes)) as [
    Convolution[],
    Convolution[],
  ]
  const encoder = encoderLayers(sizePx, nef, latent)
  const judge = patchLayers(sizePx, ndf)
  const first = (layers: readonly Convolution[]): number => sum(layers.slice(0, 1))
  const learnG = 5 * sum(coded) + sum(plain) - 2 * first(plain)
  const learnE = 3 * sum(encoder) - first(encoder) + 2 * sum(encoder)
  const learnD = 2 * (3 * sum(judge) - first(judge)) + 2 * sum(judge)
  return learnG + learnE + 2 * learnD
}

/** What reads a code: strided convolutions, then a product of their mean over all places. */
function encoderLayers(sizePx: number, nef: number, latent: number): Convolution[] {
  const layers = Math.min(5, Math.log2(sizePx) - 2)
  const widthAt = (layer: number) => (layer === 0 ? 3 : nef * Math.min(2 ** (layer - 1), 4))
  const trunk = Array.from({ length: layers }, (_, index): Convolution => ({
    outputPx: sizePx / 2 ** (index + 1),
    kernelPx: 4,
    inputs: widthAt(index),
    outputs: widthAt(index + 1),
  }))
  return [...trunk, product(widthAt(layers), 2 * latent)]
}

type Players = { generator: Convolution[]; judge: Convolution[] }
type AdversaryStep = {
  pictures: number
  /** How often the judge learns, each time from pictures of its own. */
  rounds: number
  /** Whether it also learns from its slope (WGAN-GP). */
  hasPenalty: boolean
  /** How often the generator paints what it learns from. */
  paintings: number
}

/**
 * The same for a step of a generator and a judge. A round: pictures made (where there is one round, those that the generator learns
 * from), and the judge forward and both gradients on real and made ones. A penalty on the slope: forward, the gradient by the picture,
 * and of that the gradients by what came from above and by the weights; the bends of activations have none. The generator: forward and
 * both gradients, the judge forward and by its input. No input gradient at layers that see what nobody learns through.
 */
function countAdversaryGflop({ generator, judge }: Players, step: AdversaryStep): number {
  const { pictures, rounds, hasPenalty, paintings } = step
  const [g, d] = [sum(generator), sum(judge)]
  const [firstG, firstD] = [generator, judge].map((layers) => sum(layers.slice(0, 1))) as [number, number]
  const round = (rounds > 1 ? g : 0) + 2 * (3 * d - firstD) + (hasPenalty ? 4 * d : 0)
  return pictures * (rounds * round + paintings * (3 * g - firstG) + 2 * d)
}

/** A product with a matrix, of a picture's every value. */
function product(inputs: number, outputs: number): Convolution {
  return { outputPx: 1, kernelPx: 1, inputs, outputs }
}

/** A step of GAN, WGAN or WGAN-GP by 4x4 stride-2 convolutions between 4 px and this side; noise of `latent` numbers. */
export function countNoiseStepGflop(
  sizePx: number,
  width: number,
  latent: number,
  step: Omit<AdversaryStep, 'paintings'>,
): number {
  const widthAt = (layer: number) => (layer < 0 ? 3 : width * Math.min(2 ** layer, 8))
  const levels = Array.from({ length: Math.log2(sizePx / 4) }, (_, index): Convolution => ({
    outputPx: sizePx / 2 ** (index + 1),
    kernelPx: 4,
    inputs: widthAt(index - 1),
    outputs: widthAt(index),
  }))
  const inner = 16 * widthAt(levels.length - 1)
  const players = {
    generator: [product(latent, inner), ...levels.toReversed()],
    judge: [...levels, product(inner, 1)],
  }
  return countAdversaryGflop(players, { ...step, paintings: 1 })
}

/** A step of progressive growing while its last stage is faded in, without the layers to and from the pictures of half the side. */
export function countProgressiveStepGflop(
  sizePx: number,
  ngf: number,
  latent: number,
  pictures: number,
): number {
  const widthAt = (side: number) => ngf * Math.min(4, Math.max(1, 64 / side))
  const conv = (outputPx: number, inputs: number, outputs: number, kernelPx = 3): Convolution => ({
    outputPx,
    kernelPx,
    inputs,
    outputs,
  })
  const sides = Array.from({ length: Math.log2(sizePx / 8) + 1 }, (_, index) => 8 * 2 ** index)
  const [inner, outer] = [widthAt(4), widthAt(sizePx)]
  const generator = [
    product(latent, 16 * inner),
    conv(4, inner, inner),
    ...sides.flatMap((side) => {
      const width = widthAt(side)
      return [conv(side, widthAt(side / 2), width), conv(side, width, width)]
    }),
    conv(sizePx, outer, 3, 1),
  ]
  const judge = [
    conv(sizePx, 3, outer, 1),
    ...sides.flatMap((side) => {
      const width = widthAt(side)
      return [conv(side, width, width), conv(side, width, widthAt(side / 2))]
    }),
    conv(4, inner + 1, inner),
    product(16 * inner, inner),
    product(inner, 1),
  ]
  return countAdversaryGflop({ generator, judge }, { pictures, rounds: 1, hasPenalty: true, paintings: 1 })
}

/** A step of StarGAN: there and back through a residual generator that is told one of so many classes, without the naming head. */
export function countAttributeStepGflop(
  sizePx: number,
  width: number,
  blocks: number,
  classes: number,
  pictures: number,
): number {
  const layers = Math.min(6, Math.log2(sizePx) - 1)
  const trunk = Array.from({ length: layers }, (_, index): Convolution => ({
    outputPx: sizePx / 2 ** (index + 1),
    kernelPx: 4,
    inputs: index === 0 ? 3 : width * 2 ** (index - 1),
    outputs: width * 2 ** index,
  }))
  const verdict = {
    outputPx: sizePx / 2 ** layers,
    kernelPx: 3,
    inputs: width * 2 ** (layers - 1),
    outputs: 1,
  }
  const players = { generator: resnetLayers(sizePx, width, blocks, 3 + classes), judge: [...trunk, verdict] }
  return countAdversaryGflop(players, { pictures, rounds: 5, hasPenalty: true, paintings: 2 })
}
