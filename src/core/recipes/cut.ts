import { contrastiveLosses, contrastiveOptions, contrastiveVisuals } from './contrastive.ts'
import { declareRecipe } from './declaration.ts'

/** Park, Efros, Zhang, Zhu: Contrastive Learning for Unpaired Image-to-Image Translation, ECCV 2020. */
export const cut = declareRecipe({
  id: 'cut',
  label: 'CUT',
  summary:
    'Learns one way between two looks, without pairs, in less time and memory than CycleGAN: every place of the new picture must show what was there before.',
  datasets: ['unpaired-folders'],
  options: contrastiveOptions({
    epochs: 400,
    decayShare: 0.5,
    lambdaNCE: 1,
    nceIdentity: true,
    flipEquivariance: false,
  }),
  losses: contrastiveLosses,
  visuals: contrastiveVisuals,
  made: 'fakeB',
})
