import { steepnessLoss } from './common.ts'
import { declareRecipe } from './declaration.ts'
import { criticLosses, noiseVisuals, penaltyLoss, wganGpOptions } from './noise.ts'

/** Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville: Improved Training of Wasserstein GANs, NeurIPS 2017. */
export const wganGp = declareRecipe({
  id: 'wgan-gp',
  label: 'WGAN-GP',
  summary:
    'As WGAN, with a penalty on steep critics in the place of clipped weights: the steadiest of the plain ones, and the slowest.',
  datasets: ['picture-folder'],
  options: wganGpOptions,
  losses: [...criticLosses, penaltyLoss, steepnessLoss],
  visuals: noiseVisuals,
  made: 'fakeB',
})
