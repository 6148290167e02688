import { declareRecipe } from './declaration.ts'
import { ganOptions, judgedLosses, noiseVisuals } from './noise.ts'

export const gan = declareRecipe({
  id: 'gan',
  label: 'GAN',
  summary:
    'Makes new pictures from random numbers that look like those in your folder. The first lesson of the field, and the start of a synthetic data set.',
  datasets: ['picture-folder'],
  options: ganOptions,
  losses: judgedLosses,
  visuals: noiseVisuals,
  made: 'fakeB',
})
