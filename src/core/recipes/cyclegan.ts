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

/** Zhu, Park, Isola, Efros: Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, ICCV 2017. */
export const cyclegan = declareRecipe({
  id: 'cyclegan',
  label: 'CycleGAN',
  summary:
    'Learns both ways between two looks, without pairs: summer and winter, photographs and paintings. What is translated there must come back as it was.',
  datasets: ['unpaired-folders'],
  options: z.strictObject({
    ...scheduleOptions,
    ...pictureOptions,
    direction: translatingOptions.direction.meta({ level: 'all' }),
    lambdaA: z.number().min(0).max(1000).default(10).meta({
      label: 'How closely it must find its way back',
      term: 'lambda A, cycle weight',
      level: 'simple',
      help: 'Weight of what is lost from before to after and back. Higher keeps more of the picture; lower is freer. Published: 10.',
    }),
    lambdaB: z.number().min(0).max(1000).default(10).meta({
      label: 'The same on the way from after to before and back',
      term: 'lambda B',
      help: 'Published: 10.',
    }),
    lambdaIdentity: z.number().min(0).max(10).default(0.5).meta({
      label: 'How much of the colours stays',
      term: 'identity weight',
      level: 'simple',
      help: 'A picture that has the wanted look already must stay as it is; times the cycle weight. 0 lets colours change freely and saves a third of the time. Published: 0.5.',
    }),
    poolSize: z.number().int().min(0).max(1000).default(50).meta({
      label: 'Pictures that the judges remember',
      term: 'image pool',
      unit: 'pictures',
      help: 'Judges also see pictures made a while ago, which keeps them from chasing the newest ones. Published: 50.',
    }),
    ganLoss: adversarialLoss('lsgan', 'How the judges score. Published: least squares.', LSGAN_FIRST),
    netG: z
      .enum(['auto', 'resnet_3blocks', 'resnet_6blocks', 'resnet_9blocks', 'unet_64', 'unet_128', 'unet_256'])
      .default('auto')
      .meta({
        label: 'Generators',
        term: 'netG',
        help: 'The networks that paint, one for each way. Auto: as published, 9 blocks from 256 px and 6 below.',
        choiceLabels: { auto: 'Auto (what fits the square)' },
      }),
    ngf: networkOptions.ngf,
    upsampling: networkOptions.upsampling,
    dropout: z.boolean().default(false).meta({
      label: 'Dropout',
      help: 'Noise inside the generators while they learn. Published: off.',
    }),
    ndf: networkOptions.ndf,
    netD: networkOptions.netD,
    nLayersD: networkOptions.nLayersD,
    norm: z
      .enum(['instance', 'batch', 'none'])
      .default('instance')
      .meta({
        label: 'Normalisation',
        term: 'norm',
        help: 'Published: instance.',
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
      id: 'G_A',
      label: 'Generator A to B against its judge',
      help: 'Falls when the judge takes its pictures for real ones.',
    },
    {
      id: 'cycle_A',
      label: 'Lost from A to B and back',
      help: 'Mean absolute difference to where it began, times its weight. Should fall.',
    },
    {
      id: 'idt_A',
      label: 'Changed in pictures of B that should stay',
      help: 'Mean absolute difference, times its weights. Should fall.',
    },
    {
      id: 'D_A',
      label: 'Judge of B',
      help: 'Near 0.25 it is guessing (least squares); near 0 it is certain.',
    },
    {
      id: 'G_B',
      label: 'Generator B to A against its judge',
      help: 'Falls when the judge takes its pictures for real ones.',
    },
    {
      id: 'cycle_B',
      label: 'Lost from B to A and back',
      help: 'Mean absolute difference to where it began, times its weight. Should fall.',
    },
    {
      id: 'idt_B',
      label: 'Changed in pictures of A that should stay',
      help: 'Mean absolute difference, times its weights. Should fall.',
    },
    {
      id: 'D_B',
      label: 'Judge of A',
      help: 'Near 0.25 it is guessing (least squares); near 0 it is certain.',
    },
    steepnessLoss,
  ],
  visuals: [
    { id: 'realA', label: 'Before', side: 'a' },
    { id: 'fakeB', label: 'Made by the model', side: 'b' },
    { id: 'recA', label: 'And back', side: 'a' },
    { id: 'idtB', label: 'Before, left as it is', side: 'a' },
    { id: 'realB', label: 'After', side: 'b' },
    { id: 'fakeA', label: 'Made the other way', side: 'a' },
    { id: 'recB', label: 'And there again', side: 'b' },
    { id: 'idtA', label: 'After, left as it is', side: 'b' },
  ],
  made: 'fakeB',
})
