import { z } from 'zod'
import {
  adversarialLoss,
  keepingOptions,
  networkOptions,
  pictureOptions,
  scheduleOptions,
  stabilityOptions,
  steepnessLoss,
  translatingOptions,
} from './common.ts'
import { declareRecipe } from './declaration.ts'

/**
 * Pixel, perceptual and adversarial losses over pairs, most of them made from one folder. Its own network begins as the
 * picture it is given, enlarged where B is larger (residual learning: Kim et al., VDSR, 2016; Lim et al., EDSR, 2017).
 */
export const restore = declareRecipe({
  id: 'restore',
  label: 'Restoration',
  summary:
    'Brings back what a picture has lost: sharpness, size, colours, or all that years of wear have done. It learns from one folder of good pictures, which it spoils on purpose, or from pairs.',
  datasets: ['derived-pairs', 'paired-folders', 'side-by-side'],
  options: z.strictObject({
    ...scheduleOptions,
    learningRate: scheduleOptions.learningRate.removeDefault().default(1e-3).meta({
      label: 'Learning rate',
      help: 'How far each step moves the weights. Lower it when losses jump. The networks of the published recipes (U-Net, ResNet) want 0.0002.',
    }),
    beta1: scheduleOptions.beta1.removeDefault().default(0.9).meta({
      label: 'Adam beta1',
      help: 'Memory of the first moment. With a judge, 0.5 is calmer.',
    }),
    batchSize: scheduleOptions.batchSize.removeDefault().default(4).meta({
      label: 'Pictures in a step',
      term: 'batch size',
      unit: 'pictures',
      help: 'More make each step surer and slower.',
    }),
    ...pictureOptions,
    preprocess: pictureOptions.preprocess
      .removeDefault()
      .default('crop')
      .meta({ ...pictureOptions.preprocess.meta() }),
    cropSizePx: pictureOptions.cropSizePx.removeDefault().default(96).meta({
      label: 'How large',
      term: 'crop size',
      unit: 'px',
      level: 'simple',
      help: 'The side of the square that is made in training. Sharpness and noise need little around them; colours need much: 128 px or more.',
    }),
    direction: translatingOptions.direction.meta({ level: 'all' }),
    lambdaL1: z.number().min(0).max(10_000).default(1).meta({
      label: 'How closely it must follow the true picture',
      term: 'L1 weight',
      help: 'Alone it gives faithful, slightly soft pictures. Beside a judge give it more: 100 as in Pix2Pix.',
    }),
    lambdaPerceptual: z.number().min(0).max(1000).default(0).meta({
      label: 'How much it must look alike',
      term: 'perceptual weight, ST-LPIPS',
      level: 'simple',
      help: 'Compares what a network trained on human judgements sees in both pictures: crisper texture. 0 switches it off, which is faster. 0.1 beside an L1 weight of 1 is a good beginning.',
    }),
    lambdaGAN: z.number().min(0).max(1000).default(0).meta({
      label: 'How much a judge takes part',
      term: 'adversarial weight',
      level: 'simple',
      help: 'A second network learns to tell made from real, and the first to pass for real: sharp details, some of them invented. 0 switches it off: no judge is built.',
    }),
    colourSpace: z
      .enum(['rgb', 'lab'])
      .default('rgb')
      .meta({
        label: 'What it makes',
        term: 'colour space',
        help: 'Colours alone: the lightness of the picture is kept exactly, and the network paints a and b of CIE Lab.',
        choiceLabels: { rgb: 'The whole picture', lab: 'Colours alone (CIE Lab)' },
      }),
    netG: z
      .enum([
        'auto',
        'residual_4blocks',
        'residual_6blocks',
        'residual_8blocks',
        'residual_12blocks',
        'residual_16blocks',
        'resnet_6blocks',
        'resnet_9blocks',
        'unet_32',
        'unet_64',
        'unet_128',
        'unet_256',
      ])
      .default('auto')
      .meta({
        label: 'Generator',
        term: 'netG',
        help: 'The network that paints. Auto: 8 residual blocks at the size of the given picture; for colours alone the largest U-Net that fits the square. Only residual networks can enlarge.',
        choiceLabels: { auto: 'Auto' },
      }),
    ngf: networkOptions.ngf.removeDefault().default(32).meta({
      label: 'Generator width',
      term: 'ngf',
      unit: 'filters',
      help: 'Filters in its layers (of a U-Net or ResNet: in its first). Twice as many are about three times as slow and finer.',
    }),
    norm: z
      .enum(['batch', 'instance', 'none'])
      .default('batch')
      .meta({
        label: 'Normalisation',
        term: 'norm',
        help: 'Of a U-Net or ResNet. The residual network has none: it would change contrast and colours.',
        choiceLabels: { batch: 'Batch', instance: 'Instance', none: 'None' },
      }),
    translateNorm: translatingOptions.translateNorm,
    ganLoss: adversarialLoss('lsgan', 'How the judge scores, where there is one.'),
    ndf: networkOptions.ndf.removeDefault().default(32).meta({
      label: 'Judge width',
      term: 'ndf',
      unit: 'filters',
      help: 'Filters in the first layer of the judge, where there is one.',
    }),
    netD: networkOptions.netD,
    nLayersD: networkOptions.nLayersD,
    ...stabilityOptions,
    ...keepingOptions,
  }),
  losses: [
    {
      id: 'G_L1',
      label: 'Distance to the true picture',
      help: 'Mean absolute difference, times its weight; of colours alone where only those are made. Should fall.',
    },
    {
      id: 'G_perceptual',
      label: 'How unlike it looks',
      help: 'ST-LPIPS to the true picture, times its weight. Should fall. Absent where its weight is 0.',
    },
    {
      id: 'G_GAN',
      label: 'Generator against the judge',
      help: 'Times its weight. Falls when the judge takes its pictures for real ones. Absent without a judge.',
    },
    {
      id: 'D',
      label: 'Judge',
      help: 'Mean of its losses on true and on made pictures. Near 0.25 it is guessing (least squares). Absent without a judge.',
    },
    steepnessLoss,
  ],
  visuals: [
    { id: 'realA', label: 'Before', side: 'a' },
    { id: 'fakeB', label: 'Made by the model', side: 'b' },
    { id: 'realB', label: 'True', side: 'b' },
  ],
  made: 'fakeB',
})
