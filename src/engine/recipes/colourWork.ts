import { refuse } from '../../core/errors.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import type { Tensor4D } from '../backends/tf.ts'
import { CHROMA_RANGE, colourWith as sampleWith, decodeSrgb } from '../imaging/lab.ts'
import { chromaOf, colourWith, greyOf } from '../kernels/lab.ts'
import type { Pictures, TrainerContext } from './trainer.ts'

/** What a generator paints, and how that becomes the picture. */
export type ColourWork = {
  /** Channels of the generator. */
  inputChannels: number
  outputChannels: number
  compose: ModelHeader['compose']
  /** Of A, what the generator is given. */
  givenOf(realA: Tensor4D): Tensor4D
  /** Of B, what its output is compared with. */
  wantedOf(realB: Tensor4D): Tensor4D
  /** The picture in [-1,1], differentiable. */
  pictureOf(given: Tensor4D, made: Tensor4D): Tensor4D
  /** The same for looking at. */
  showOf(given: Pictures, made: Pictures): Pictures
}

/** The generator paints the picture itself. */
function wholeWork({ inputChannels, outputChannels }: TrainerContext): ColourWork {
  return {
    inputChannels,
    outputChannels,
    compose: undefined,
    givenOf: (realA) => realA,
    wantedOf: (realB) => realB,
    pictureOf: (_, made) => made,
    showOf: (_, made) => made,
  }
}

/** The generator is given the lightness and paints chroma; the picture has the lightness that it was given. */
function chromaWork(inputChannels: number): ColourWork {
  return {
    inputChannels: 1,
    outputChannels: 2,
    compose: 'lab-chroma',
    givenOf: (realA) => (inputChannels === 1 ? realA : greyOf(realA)),
    wantedOf: chromaOf,
    pictureOf: colourWith,
    showOf: composePictures,
  }
}

/** Greys [N,H,W,1] and chroma [N,H,W,2] to colours [N,H,W,3], in [-1,1]; lightness is exact. */
function composePictures(greys: Pictures, chroma: Pictures): Pictures {
  const [count, height, width] = greys.shape
  const data = new Float32Array(count * height * width * 3)
  for (const [pixel, grey] of greys.data.entries()) {
    const luminance = decodeSrgb((grey + 1) / 2)
    const [a = 0, b = 0] = chroma.data.subarray(2 * pixel, 2 * pixel + 2)
    const colour = sampleWith(luminance, a * CHROMA_RANGE, b * CHROMA_RANGE)
    for (const [channel, value] of colour.entries()) data[3 * pixel + channel] = 2 * value - 1
  }
  return { shape: [count, height, width, 3], data }
}

/** @throws Refused `colours-alone` where there is no lightness to keep or no colour to learn */
export function createColourWork(colourSpace: 'rgb' | 'lab', context: TrainerContext): ColourWork {
  if (colourSpace === 'rgb') return wholeWork(context)
  const { inputChannels, outputChannels, scale } = context
  if (outputChannels === 3 && (inputChannels === 1 || inputChannels === 3) && scale === 1)
    return chromaWork(inputChannels)
  throw refuse(
    'colours-alone',
    scale === 1
      ? `Colours alone need colour pictures after and grey or colour pictures before; these have ${outputChannels} and ${inputChannels} channels.`
      : 'Colours alone keep the lightness of the picture as it is, so they cannot be learned together with enlarging.',
    'Let it make the whole picture (--colour-space rgb).',
  )
}
