import { steepnessLoss } from './common.ts'
import { declareRecipe } from './declaration.ts'
import { criticLosses, noiseVisuals, wganOptions } from './noise.ts'

/** Arjovsky, Chintala, Bottou: Wasserstein GAN, ICML 2017. */
export const wgan = declareRecipe({
  id: 'wgan',
  label: 'WGAN',
  summary:
    'As GAN, where training is unstable or all pictures come out alike: a critic measures a distance instead of giving a verdict. Slower.',
  datasets: ['picture-folder'],
  options: wganOptions,
  losses: [...criticLosses, steepnessLoss],
  visuals: noiseVisuals,
  made: 'fakeB',
})
