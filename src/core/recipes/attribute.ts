import { z } from 'zod'
import {
  keepingOptions,
  networkOptions,
  pictureOptions,
  scheduleOptions,
  stabilityOptions,
  steepnessLoss,
  withDefault,
} from './common.ts'
import { declareRecipe } from './declaration.ts'
import { criticLosses, penaltyLoss } from './noise.ts'

/** Choi, Choi, Kim, Ha, Kim, Choo: StarGAN: Unified Generative Adversarial Networks for Multi-Domain Image-to-Image Translation, CVPR 2018. */
export const attribute = declareRecipe({
  id: 'attribute',
  label: 'By attribute (StarGAN)',
  summary:
    'One model for many looks: it turns any picture into the class that you ask for, another season, another style, another kind. Needs one folder for each class, and no pairs.',
  datasets: ['picture-folder'],
  options: z.strictObject({
    ...scheduleOptions,
    learningRate: withDefault(
      scheduleOptions.learningRate,
      1e-4,
      'How far each step moves the weights. Published: 0.0001.',
    ),
    batchSize: withDefault(scheduleOptions.batchSize, 16, 'Published: 16.'),
    ...pictureOptions,
    cropSizePx: withDefault(pictureOptions.cropSizePx, 128),
    lambdaReconstruction: z.number().min(0).max(1000).default(10).meta({
      label: 'How closely it must find its way back',
      term: 'reconstruction weight',
      level: 'simple',
      help: 'Weight of what is lost from one class to another and back. Higher keeps more of the picture; lower is freer. Published: 10.',
    }),
    lambdaClass: z.number().min(0).max(1000).default(1).meta({
      label: 'How clearly the class must show',
      term: 'classification weight',
      level: 'simple',
      help: 'Weight of the judge naming the class that was asked for. Published: 1.',
    }),
    lambdaGP: z.number().min(0).max(1000).default(10).meta({
      label: 'How closely the critic keeps to slope 1',
      term: 'gradient penalty',
      help: 'Published: 10.',
    }),
    judgeRounds: z.number().int().min(1).max(20).default(5).meta({
      label: 'Steps of the critic for one of the generator',
      term: 'n_critic',
      unit: 'steps',
      help: 'Published: 5.',
    }),
    netG: z
      .enum(['resnet_3blocks', 'resnet_6blocks', 'resnet_9blocks'])
      .default('resnet_6blocks')
      .meta({ label: 'Generator', term: 'netG', help: 'The network that paints. Published: 6 blocks.' }),
    ngf: networkOptions.ngf,
    ndf: networkOptions.ndf,
    init: networkOptions.init,
    initGain: networkOptions.initGain,
    ...stabilityOptions,
    ...keepingOptions,
  }),
  losses: [
    ...criticLosses,
    {
      id: 'G_class',
      label: 'Class not shown by what is made',
      help: 'How unsure the judge is that it sees the class that was asked for. Should fall.',
    },
    {
      id: 'G_reconstruction',
      label: 'Lost there and back',
      help: 'What is lost from one class to another and back, times its weight. Should fall.',
    },
    {
      id: 'C_class',
      label: 'Class not seen in real pictures',
      help: 'How unsure the judge is of the classes of real pictures. Should fall first.',
    },
    penaltyLoss,
    steepnessLoss,
  ],
  visuals: [
    { id: 'realA', label: 'Before', side: 'a' },
    { id: 'fakeB', label: 'Made by the model', side: 'b' },
    { id: 'recA', label: 'And back', side: 'a' },
    { id: 'realB', label: 'Real, of any class', side: 'b' },
  ],
  made: 'fakeB',
})
export type AttributeOptions = z.infer<(typeof attribute)['options']>
