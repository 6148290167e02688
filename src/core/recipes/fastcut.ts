import { contrastiveLosses, contrastiveOptions, contrastiveVisuals } from './contrastive.ts'
import { declareRecipe } from './declaration.ts'

/** The lighter form of CUT: Park, Efros, Zhang, Zhu 2020, section 4.1. */
export const fastcut = declareRecipe({
  id: 'fastcut',
  label: 'FastCUT',
  summary:
    'The lightest way to learn a look without pairs: half of the work of CUT, closer to the shapes of the picture and bolder with its colours.',
  datasets: ['unpaired-folders'],
  options: contrastiveOptions({
    epochs: 200,
    decayShare: 0.25,
    lambdaNCE: 10,
    nceIdentity: false,
    flipEquivariance: true,
  }),
  losses: contrastiveLosses,
  visuals: contrastiveVisuals,
  made: 'fakeB',
})
