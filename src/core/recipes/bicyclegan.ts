import { z } from 'zod'
import {
  adversarialLoss,
  LSGAN_FIRST,
  keepingOptions,
  networkOptions,
  pictureOptions,
  scheduleOptions,
  stabilityOptions,
  steepnessLoss,
  translatingOptions,
} from './common.ts'
import { declareRecipe } from './declaration.ts'

/** Columns of the gallery that show another answer each, for the same input. */
export const ANSWERS = ['answer1', 'answer2', 'answer3', 'answer4'] as const

const JUDGE_HELP = 'Near 0.25 the judge is guessing (LSGAN); near 0 it is certain.'

/** Zhu, Zhang, Pathak, Darrell, Efros, Wang, Shechtman: Toward Multimodal Image-to-Image Translation, NeurIPS 2017. */
export const bicyclegan = declareRecipe({
  id: 'bicyclegan',
  label: 'BicycleGAN',
  summary:
    'Learns from pairs, like Pix2Pix, but that one picture has many answers: it makes as many different results of a picture as you like. For what is not certain, such as the season of a map or the colours of a sketch.',
  datasets: ['paired-folders', 'side-by-side', 'derived-pairs'],
  options: z.strictObject({
    ...scheduleOptions,
    ...pictureOptions,
    direction: translatingOptions.direction,
    lambdaL1: z.number().min(0).max(10_000).default(10).meta({
      label: 'How closely it must follow its pairs',
      term: 'L1 weight',
      help: 'Of a picture that is made with the code of its true partner. Higher keeps to the true picture and is softer. Published: 10.',
    }),
    lambdaZ: z.number().min(0).max(1000).default(0.5).meta({
      label: 'How clearly answers must differ',
      term: 'latent regression weight',
      level: 'simple',
      help: 'How closely the code must be read back from the picture that was made with it. At 0 nothing keeps answers apart. Published: 0.5.',
    }),
    lambdaKL: z.number().min(0).max(100).default(0.01).meta({
      label: 'How evenly codes must be spread',
      term: 'KL weight',
      help: 'How close the codes of true pictures must come to those that are drawn when translating. Higher makes every drawn code a good one and answers more alike. Published: 0.01.',
    }),
    latent: z.number().int().min(1).max(128).default(8).meta({
      label: 'Numbers in a code',
      term: 'latent',
      help: 'In how many ways answers can differ. Published: 8.',
    }),
    ganLoss: adversarialLoss('lsgan', 'How the judges score. Published: LSGAN.', LSGAN_FIRST),
    netG: z
      .enum(['auto', 'unet_16', 'unet_32', 'unet_64', 'unet_128', 'unet_256', 'unet_512', 'unet_1024'])
      .default('auto')
      .meta({
        label: 'Generator',
        term: 'netG',
        help: 'The network that paints. Auto: as published for squares of 256 px, and the U-Net that fits for others. A U-Net needs a crop size that is a multiple of its number.',
        choiceLabels: { auto: 'Auto (what fits the square)' },
      }),
    ngf: networkOptions.ngf,
    upsampling: networkOptions.upsampling,
    nef: z.number().int().min(1).max(256).default(64).meta({
      label: 'Encoder width',
      term: 'nef',
      unit: 'filters',
      help: 'Filters in the first layer of the network that reads codes from pictures. Published: 64.',
    }),
    ndf: networkOptions.ndf,
    netD: networkOptions.netD,
    nLayersD: networkOptions.nLayersD,
    norm: z
      .enum(['instance', 'none'])
      .default('instance')
      .meta({
        label: 'Normalisation',
        term: 'norm',
        help: 'Of generator and judges. Published: instance.',
        choiceLabels: { instance: 'Instance', none: 'None' },
      }),
    init: networkOptions.init,
    initGain: networkOptions.initGain,
    ...stabilityOptions,
    ...keepingOptions,
  }),
  losses: [
    {
      id: 'G_GAN',
      label: 'Generator against the judge, with true codes',
      help: 'Falls when the judge takes for real what was made with the code of the true picture.',
    },
    {
      id: 'G_GAN2',
      label: 'Generator against the judge, with drawn codes',
      help: 'Falls when the other judge takes for real what was made with a code that was drawn.',
    },
    {
      id: 'G_L1',
      label: 'Distance to the true picture',
      help: 'Mean absolute difference to the true pictures, made with their own codes, times its weight. Should fall.',
    },
    {
      id: 'G_KL',
      label: 'Codes away from those drawn',
      help: 'How far the codes of true pictures are from the normal distribution, times its weight. Near 0 a code says nothing.',
    },
    {
      id: 'G_z',
      label: 'Codes not read back',
      help: 'Mean absolute difference between a drawn code and what is read from the picture made with it, times its weight. Should fall: then answers differ.',
    },
    {
      id: 'D_real',
      label: 'Judge on real pairs',
      help: JUDGE_HELP,
    },
    {
      id: 'D_fake',
      label: 'Judge on pictures with true codes',
      help: JUDGE_HELP,
    },
    {
      id: 'D2_real',
      label: 'Other judge on real pairs',
      help: JUDGE_HELP,
    },
    {
      id: 'D2_fake',
      label: 'Other judge on pictures with drawn codes',
      help: JUDGE_HELP,
    },
    steepnessLoss,
  ],
  visuals: [
    { id: 'realA', label: 'Before', side: 'a' },
    { id: 'realB', label: 'True', side: 'b' },
    { id: 'recB', label: 'With the code of the true picture', side: 'b' },
    { id: 'fakeB', label: 'The middle answer', side: 'b' },
    ...ANSWERS.map((id, index) => ({ id, label: `Answer ${index + 1}`, side: 'b' as const })),
  ],
  made: 'fakeB',
})
