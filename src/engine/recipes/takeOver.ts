import { solve } from 'ml-matrix'
import { counterOf, randomUniform } from '../../core/random.ts'
import { tf } from '../backends/tf.ts'
import type { Tensor, Tensor2D, Tensor4D } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import { growTo, layered, paintingLayer, unbent, type ProgressiveOptions } from '../networks/progressive.ts'
import { drawCodes } from '../nn/codes.ts'
import { doubleNearest } from '../nn/convolution.ts'
import type { Weights } from '../nn/network.ts'
import { playing, weightsOf, type Grown } from './grown.ts'
import { fromPictures } from './pictures.ts'
import type { Trainee } from './trainee.ts'

export type Shape = Pick<ProgressiveOptions, 'latent' | 'channels' | 'ngf' | 'sizePx'>

const CODES = counterOf('progressive.takeOver.codes')
const COLOURS = counterOf('progressive.takeOver.colours')
/** Made pictures that the painting layer is fitted to. Each has as many equations as pixels. */
const PICTURES = 16
/** Colours that the critic's layer is fitted to, as a square picture. */
const COLOUR_SIDE = 64
/** Added to the mean square of every input, about 1, so that inputs which say the same do not get huge weights against each other. */
const RIDGE = 1e-4

/**
 * Has a stage begin where the one before it ended: with parts of the new side whose pictures, and whose verdicts, are as nearly as can be
 * those of the old, enlarged smoothly (function-preserving growth: Chen, Goodfellow, Shlens: Net2Net, ICLR 2016). Drawn at random, as
 * Karras et al. 2018 have them, they lay a cast of colour, a grid of two pixels and a frame over all pictures, and to lose those takes more
 * steps than a run of minutes has: docs/decisions/0009-sizes-that-take-over.md.
 * @param stage from 1: the first has nothing to take over
 */
export async function takeOver(
  { netG, netD }: { netG: Grown; netD: Grown },
  stage: number,
  shape: Shape,
  seed: number,
): Promise<void> {
  change(at(netG.blocks, stage), blurred, halfPointwise)
  // What the second kernel begins with is found below.
  change(at(netD.blocks, stage), pointwise)
  await fitPainting(netG, stage, shape, seed)
  await fitSeeing(netD, stage, shape, seed)
}

/** Other kernels for the convolutions of a block, from those that were drawn; biases stay. */
function change(block: Trainee, ofFirst: Change, ofSecond: Change = (kernel) => kernel): void {
  tf.tidy(() => {
    const [first, firstBias, second, secondBias] = block.read() as [Tensor4D, Tensor, Tensor4D, Tensor]
    block.set([ofFirst(first), firstBias, ofSecond(second), secondBias])
  })
}

/** Of a kernel [3,3,in,out]. */
type Change = (kernel: Tensor4D) => Tensor4D

/** The middle alone, as strong as all of it was. */
const pointwise: Change = (kernel) => spread(middleOf(kernel), [0, 0, 0, 0, 1, 0, 0, 0, 0])

/** The middle, everywhere about itself: after doubling, every value blends into the next. */
const blurred: Change = (kernel) => spread(middleOf(kernel), BLUR)
const BLUR = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((share) => share / 16)

/** Every other output pointwise, to copy by; the others as drawn, for what is to be learned. */
const halfPointwise: Change = (kernel) => {
  const copies = tf.tensor1d(Array.from({ length: at(kernel.shape, 3) }, (_, output) => (output + 1) % 2))
  return tf.add(tf.mul(pointwise(kernel), copies), tf.mul(kernel, tf.sub(1, copies))) as Tensor4D
}

/** [1,1,in,out], three times as strong, so that what it gives has the spread that nine drawn values gave. */
function middleOf(kernel: Tensor4D): Tensor4D {
  const [, , inputs, outputs] = kernel.shape
  return tf.mul(tf.slice(kernel, [1, 1, 0, 0], [1, 1, inputs, outputs]), 3) as Tensor4D
}

/** [1,1,in,out] in nine shares: [3,3,in,out]. */
function spread(middle: Tensor4D, shares: readonly number[]): Tensor4D {
  return tf.mul(tf.tensor4d([...shares], [3, 3, 1, 1]), middle) as Tensor4D
}

/** The painting layer: pictures as the one before it paints them, doubled. */
async function fitPainting(netG: Grown, stage: number, shape: Shape, seed: number): Promise<void> {
  const products = Array.from({ length: PICTURES }, (_, place) =>
    productsOf(() => {
      const weights = weightsAt(netG, stage)
      const code = fromPictures(drawCodes({ latent: shape.latent, classes: 0 }, [place], [], seed, CODES))
      const [before, last] = growTo(code, shape, weights)
      return [last, doubleNearest(paintingLayer(shape.sizePx / 2, shape).run(before, weights))]
    }),
  )
  setLast(at(netG.layers, stage), await solved(products), 1)
}

/**
 * The last layer of the critic's block: what the layer before saw of any colour. Between the two lies a mean of 2 x 2 pixels, which in even
 * surfaces changes nothing.
 */
async function fitSeeing(netD: Grown, stage: number, shape: Shape, seed: number): Promise<void> {
  const { sizePx, channels } = shape
  const products = productsOf(() => {
    const weights = weightsAt(netD, stage)
    const colours = drawColours(channels, seed)
    const seen = layered(layered(colours, `from${sizePx}`, weights), `d${sizePx}.conv1`, weights)
    return [seen, unbent(colours, `from${sizePx / 2}`, weights)]
  })
  setLast(at(netD.blocks, stage), await solved([products]), Math.SQRT2)
}

function weightsAt(net: Grown, stage: number): Weights {
  const parts = playing(net, stage)
  return weightsOf(
    parts,
    parts.map((one) => one.read()),
  )
}

function drawColours(channels: number, seed: number): Tensor4D {
  const values = Array.from(
    { length: COLOUR_SIDE ** 2 * channels },
    (_, index) => 2 * randomUniform(seed, COLOURS, index) - 1,
  )
  return tf.tensor4d(values, [1, COLOUR_SIDE, COLOUR_SIDE, channels])
}

/** With X the inputs and a 1, and Y what is wanted, a row for every pixel: X^T X and X^T Y, as means over pixels. */
type Products = [Tensor2D, Tensor2D]

/** Of inputs [1,h,w,in] and what is wanted of them, [1,h,w,out]. */
function productsOf(equations: () => [Tensor4D, Tensor4D]): Products {
  return tf.tidy(() => {
    const [inputs, wanted] = equations().map((x): Tensor2D => tf.reshape(x, [-1, at(x.shape, 3)]))
    const [pixels] = (inputs as Tensor2D).shape
    const x = tf.concat([inputs as Tensor2D, tf.ones([pixels, 1])], 1) as Tensor2D
    return [x, wanted as Tensor2D].map((y) => tf.div(tf.matMul(x, y, true), pixels)) as Products
  })
}

/** The weights [in + 1][out], the last row the bias, that come nearest by least squares, all products alike. */
async function solved(all: readonly Products[]): Promise<number[][]> {
  const sums = [0, 1].map((which) => tf.addN(all.map((products) => products[which] as Tensor2D)))
  const [square, right] = (await Promise.all(sums.map((sum) => sum.array()))) as [number[][], number[][]]
  tf.dispose([sums, ...all])
  return solve(withRidge(square, RIDGE * all.length), right).to2DArray()
}

/** On every input, but not on the 1. */
function withRidge(square: number[][], ridge: number): number[][] {
  return square.map((values, row) =>
    values.map((value, column) => (row === column && row < square.length - 1 ? value + ridge : value)),
  )
}

/** Sets kernel and bias that a part has last, the kernel in its middle. Kernels are scaled when they are used: equalised learning rate. */
function setLast(part: Trainee, weights: readonly number[][], gain: number): void {
  tf.tidy(() => {
    const before = part.read()
    const [side, , inputs, outputs] = at(before, before.length - 2).shape as [number, number, number, number]
    const scale = Math.sqrt(side ** 2 * inputs) / gain
    const middle = tf.reshape(tf.mul(tf.tensor2d(weights.slice(0, inputs)), scale), [1, 1, inputs, outputs])
    const around: [number, number] = [(side - 1) / 2, (side - 1) / 2]
    const kernel = tf.pad(middle, [around, around, [0, 0], [0, 0]])
    part.set([...before.slice(0, -2), kernel, tf.tensor1d(at(weights, inputs))])
  })
}
