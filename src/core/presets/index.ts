import type { Derivation } from '../datasets/derivedPairs.ts'
import type { TrainingSettings } from '../project/project.ts'

/** What a person wants done, from one folder of good pictures: how A is spoiled, and how the model learns to undo it. */
export type Preset = {
  label: string
  /** For a photographer, one or two sentences. */
  summary: string
  /** What the one folder should hold. */
  folderLabel: string
  /** Everything of the data set but its folder and its split. */
  dataset: { kind: 'derived-pairs'; options: Partial<Derivation> }
  training: TrainingSettings
}

/** Sharp squares: photographs of today are soft at their own size, and what is soft teaches no detail. */
const sharpSquares = { preprocess: 'scale_width_and_crop', loadSizePx: 768 }

export const presets = {
  colourise: {
    label: 'Colourise',
    summary: 'Gives grey photographs colours. Their lightness stays exactly as it is.',
    folderLabel: 'Folder of colour photographs',
    dataset: { kind: 'derived-pairs', options: { grey: true } },
    training: {
      recipe: 'restore',
      options: {
        ...{ colourSpace: 'lab', preprocess: 'resize_and_crop', cropSizePx: 128, steps: 3000 },
        ...{ beta1: 0.5, learningRate: 2e-4 },
      },
    },
  },
  enlarge: {
    label: 'Enlarge',
    summary: 'Doubles the size of photographs, sharper than resizing does.',
    folderLabel: 'Folder of sharp photographs',
    dataset: { kind: 'derived-pairs', options: { downscale: 2, downscaleKernel: 'bicubic' } },
    training: { recipe: 'restore', options: { ...sharpSquares, steps: 6000 } },
  },
  restore: {
    label: 'Restore old photos',
    summary: 'Takes away scratches, dust, grain, blur and JPEG blocks, and brings faded colours back.',
    folderLabel: 'Folder of good photographs',
    dataset: {
      kind: 'derived-pairs',
      options: {
        ...{ fading: 0.5, blurSigmaPx: 1, noiseSigma: 20, jpegQuality: 40, scratches: 20, dust: 200 },
      },
    },
    training: {
      recipe: 'restore',
      options: { ...sharpSquares, cropSizePx: 128, lambdaPerceptual: 0.1, steps: 1600 },
    },
  },
  denoise: {
    label: 'Denoise',
    summary: 'Takes the grain out of dark or old photographs and leaves their detail.',
    folderLabel: 'Folder of photographs without noise',
    dataset: { kind: 'derived-pairs', options: { noiseSigma: 50 } },
    training: { recipe: 'restore', options: { ...sharpSquares, steps: 3000 } },
  },
  sketch: {
    label: 'Sketch to photo',
    summary:
      'Paints photographs from line drawings. It invents colours and texture like those of the folder.',
    folderLabel: 'Folder of photographs of one kind of thing',
    dataset: { kind: 'derived-pairs', options: { edges: true } },
    training: {
      recipe: 'restore',
      options: {
        ...{ preprocess: 'resize_and_crop', cropSizePx: 128, batchSize: 1, steps: 8000 },
        ...{ netG: 'unet_128', lambdaL1: 100, lambdaGAN: 1, beta1: 0.5, learningRate: 2e-4 },
      },
    },
  },
} as const satisfies Record<string, Preset>

export type PresetId = keyof typeof presets
export const presetIds = Object.keys(presets) as PresetId[]
