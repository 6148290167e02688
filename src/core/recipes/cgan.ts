import { declareRecipe } from './declaration.ts'
import { ganOptions, judgedLosses, noiseVisuals } from './noise.ts'

/** Mirza, Osindero: Conditional Generative Adversarial Nets, 2014; the judge as Miyato and Koyama 2018 have it. */
export const cgan = declareRecipe({
  id: 'cgan',
  label: 'Conditional GAN',
  summary:
    'Makes new pictures of the class that you ask for. Needs one folder for each class; what it makes comes with its label.',
  datasets: ['picture-folder'],
  options: ganOptions,
  losses: judgedLosses,
  visuals: noiseVisuals,
  made: 'fakeB',
})
