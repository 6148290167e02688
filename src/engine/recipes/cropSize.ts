import { refuse } from '../../core/errors.ts'
import { buildNetwork } from '../networks/index.ts'
import type { DiscriminatorOptions } from '../networks/patchGan.ts'
import type { Network } from '../nn/network.ts'

/** What a recipe's options say of a judge that looks at patches or pixels. */
type JudgeShape = { netD: 'patch' | 'pixel'; nLayersD: number }

/** The judge that the options ask for. A pixel has no sides to halve: `downsampling` is the PatchGAN's alone. */
export function buildJudge(
  { netD, nLayersD }: JudgeShape,
  { downsampling, ...options }: Partial<DiscriminatorOptions>,
): Network {
  if (netD === 'pixel') return buildNetwork('pixel', options)
  return buildNetwork(`patch_${nLayersD}layers`, { ...options, ...(downsampling && { downsampling }) })
}

/**
 * Refuses data whose before and after differ in size otherwise than the generator's do.
 * @throws Refused `scale-unfit`
 */
export function checkScale({ architecture, scale }: Network, wanted: number): void {
  if (scale === wanted) return
  throw refuse(
    'scale-unfit',
    wanted > 1
      ? `The pictures before are ${wanted} times smaller than those after, and the generator ${architecture} enlarges ${scale} times.`
      : `The generator ${architecture} does not make pictures smaller.`,
    'Choose a recipe that enlarges, such as restore, or do not make the pictures smaller.',
  )
}

/**
 * Squares that generator and judge can work on.
 * @throws Refused `crop-size`
 */
export function checkCropSize(generator: Network, judge: JudgeShape, cropSizePx: number): void {
  checkGeneratorSize(generator, cropSizePx)
  checkJudgeSize(judge, cropSizePx)
}

/**
 * Squares that a generator can work on.
 * @throws Refused `crop-size`
 */
export function checkGeneratorSize({ architecture, multipleOf }: Network, cropSizePx: number): void {
  if (cropSizePx % multipleOf !== 0)
    throw refuse(
      'crop-size',
      `The generator ${architecture} cannot work on squares of ${cropSizePx} px.`,
      `Choose a crop size that is a multiple of ${multipleOf}, or another generator.`,
    )
}

/**
 * Squares in which a judge sees something.
 * @throws Refused `crop-size`
 */
export function checkJudgeSize({ netD, nLayersD }: JudgeShape, cropSizePx: number): void {
  if (netD === 'pixel') return
  // The judge halves the square nLayersD times; its two last layers each take one pixel.
  if (Math.floor(cropSizePx / 2 ** nLayersD) < 3)
    throw refuse(
      'crop-size',
      `A judge of ${nLayersD} layers sees nothing in squares of ${cropSizePx} px.`,
      `Choose a crop size of at least ${3 * 2 ** nLayersD} px, or fewer layers.`,
    )
}

/** The U-Net that sees all of a square, or the largest that its side is a multiple of, up to the published one; undefined where none fits. */
export function unetFor(cropSizePx: number): string | undefined {
  const sidePx = [256, 128, 64, 32, 16].find((side) => cropSizePx % side === 0)
  return sidePx === undefined ? undefined : `unet_${sidePx}`
}
