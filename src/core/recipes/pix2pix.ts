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

/** Isola, Zhu, Zhou, Efros: Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017. */
export const pix2pix = declareRecipe({
  id: 'pix2pix',
  label: 'Pix2Pix',
  summary:
    'Learns from pairs: every picture in A has its partner in B. Give it maps and photographs, sketches and pictures, day and night of the same place.',
  datasets: ['paired-folders', 'side-by-side', 'derived-pairs'],
  options: z.strictObject({
    ...scheduleOptions,
    ...pictureOptions,
    direction: translatingOptions.direction,
    lambdaL1: z.number().min(0).max(10_000).default(100).meta({
      label: 'How closely it must follow its pairs',
      term: 'L1 weight',
      level: 'simple',
      help: 'Higher keeps to the true picture and is softer; lower is freer and sharper. Published: 100.',
    }),
    ganLoss: adversarialLoss('vanilla', 'How the judge scores. Published: vanilla (cross-entropy).'),
    netG: z
      .enum([
        'auto',
        'unet_16',
        'unet_32',
        'unet_64',
        'unet_128',
        'unet_256',
        'unet_512',
        'unet_1024',
        'resnet_3blocks',
        'resnet_6blocks',
        'resnet_9blocks',
      ])
      .default('auto')
      .meta({
        label: 'Generator',
        term: 'netG',
        help: 'The network that paints. Auto: as published for squares of 256 px, and the U-Net that fits for others. A U-Net needs a crop size that is a multiple of its number.',
        choiceLabels: { auto: 'Auto (what fits the square)' },
      }),
    ngf: networkOptions.ngf,
    upsampling: networkOptions.upsampling,
    dropout: z.boolean().default(true).meta({
      label: 'Dropout',
      help: 'Noise inside the generator while it learns, as published.',
    }),
    ndf: networkOptions.ndf,
    netD: networkOptions.netD,
    nLayersD: networkOptions.nLayersD,
    norm: z
      .enum(['batch', 'instance', 'none'])
      .default('batch')
      .meta({
        label: 'Normalisation',
        term: 'norm',
        help: 'Published: batch.',
        choiceLabels: { batch: 'Batch', instance: 'Instance', none: 'None' },
      }),
    translateNorm: translatingOptions.translateNorm,
    init: networkOptions.init,
    initGain: networkOptions.initGain,
    ...stabilityOptions,
    ...keepingOptions,
  }),
  losses: [
    {
      id: 'G_GAN',
      label: 'Generator against the judge',
      help: 'Falls when the judge takes its pictures for real ones.',
    },
    {
      id: 'G_L1',
      label: 'Distance to the true picture',
      help: 'Mean absolute difference to the true pictures, times its weight. Should fall.',
    },
    {
      id: 'D_real',
      label: 'Judge on real pairs',
      help: 'Near 0.69 the judge is guessing (vanilla loss); near 0 it is certain.',
    },
    {
      id: 'D_fake',
      label: 'Judge on made pairs',
      help: 'Near 0.69 the judge is guessing (vanilla loss); near 0 it is certain.',
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
