import { expect, test } from 'vitest'
import { randomUniform } from '../../../src/core/random.ts'
import type { RecipeId } from '../../../src/core/recipes/index.ts'
import { startRun } from '../../../src/engine/training/run.ts'
import {
  drawn,
  negativeOf,
  plantClasses,
  plantPairs,
  spot,
  waves,
  type Drawn,
} from './support/plantedProject.ts'
import { backend } from './support/running.ts'

const ofPairs = {
  ...{ netG: 'unet_16', cropSizePx: 16, loadSizePx: 16, ngf: 4, ndf: 8, nLayersD: 1, dropout: false },
  ...{ flip: false, decayShare: 0, learningRate: 1e-3 },
  ...{ sampleEvery: 1000, sampleCount: 3, checkpointEvery: 1000 },
}
const fromNothing = {
  ...{ preprocess: 'resize', cropSizePx: 16, ngf: 8, ndf: 8, batchSize: 16, latent: 16 },
  ...{ learningRate: 1e-3, sampleEvery: 25, sampleCount: 2, checkpointEvery: 1000 },
}
const kinds = { spots: 40, holes: 40, waves: 40, bars: 40 }

function bars(seed: number): Drawn {
  return drawn((column) => (column % 8 < 8 * randomUniform(seed) ? 0.8 : 0.2))
}

function drawKind(seed: number, label: number): Drawn {
  return ([spot, (one: number) => negativeOf(spot(one)), waves, bars][label] ?? spot)(seed)
}

/** Trains to the end. @returns what the run told once it had begun, with what each notice would change */
async function tell(
  projectFolder: string,
  recipe: RecipeId,
  options: Readonly<Record<string, unknown>>,
): Promise<Map<string, unknown>> {
  const told = new Map<string, unknown>()
  for await (const event of startRun({ projectFolder, training: { recipe, options }, backend })) {
    if (event.type === 'failed') throw new Error(event.refusal.message)
    if (event.type === 'finding' && event.step > 0) told.set(event.finding.code, event.finding.change)
  }
  return told
}

test('a judge that learns a hundred times too fast wins', async () => {
  const project = await plantPairs((seed) => ({ a: spot(seed), b: waves(seed) }))
  const options = { ...ofPairs, learningRate: 2e-5, judgeRate: 100, batchSize: 2, steps: 440 }
  const told = await tell(project, 'pix2pix', options)
  expect(Object.fromEntries(told)).toEqual({ 'judge-wins': { judgeRate: 1 } })
})

test('a judge that hardly learns is dead', async () => {
  const project = await plantPairs((seed) => ({ a: spot(seed), b: negativeOf(spot(seed)) }))
  const options = { ...ofPairs, learningRate: 1e-5, judgeRate: 0.01, steps: 420 }
  expect(Object.fromEntries(await tell(project, 'pix2pix', options))).toEqual({
    'judge-dead': { judgeRate: 1 },
  })
})

test('a critic whose weights may hardly be anything is dead', async () => {
  const project = await plantClasses(kinds, drawKind)
  const options = { ...fromNothing, clipWeights: 1e-4, judgeRounds: 1, sampleEvery: 1000, steps: 210 }
  expect(Object.fromEntries(await tell(project, 'wgan', options))).toEqual({
    'judge-dead': { clipWeights: 0.01 },
  })
})

test('a critic with a penalty that hardly learns has no slopes', async () => {
  const project = await plantClasses(kinds, drawKind)
  const slow = { learningRate: 1e-5, judgeRate: 0.01, judgeRounds: 1, sampleEvery: 1000, steps: 210 }
  expect((await tell(project, 'wgan-gp', { ...fromNothing, ...slow })).get('critic-flat')).toEqual({
    judgeRate: 1,
  })
})

test('a critic whose weights may be anything has gradients that explode', async () => {
  const project = await plantClasses(kinds, drawKind)
  const steep = { clipWeights: 10, normD: 'none', learningRate: 0.1, judgeRounds: 1 }
  const told = await tell(project, 'wgan', { ...fromNothing, ...steep, sampleEvery: 1000, steps: 250 })
  expect(told.get('gradients-explode')).toEqual({ learningRate: 2e-4, clipNorm: 10 })
})

test('at the highest learning rate there is, losses come apart: the painter, who begins with good pictures', async () => {
  const project = await plantPairs((seed) => ({ a: spot(seed), b: spot(seed).map((one) => one * 0.95) }))
  const size = { cropSizePx: 16, loadSizePx: 16, ngf: 8, batchSize: 2 }
  const options = { ...size, learningRate: 0.1, sampleEvery: 1000, checkpointEvery: 1000, steps: 40 }
  expect((await tell(project, 'restore', options)).get('divergence')).toEqual({
    learningRate: 2e-4,
    clipNorm: 10,
  })
})

test('at the highest learning rate there is, losses come apart: the judge', async () => {
  const project = await plantPairs((seed) => ({ a: spot(seed), b: waves(seed) }))
  const told = await tell(project, 'pix2pix', { ...ofPairs, learningRate: 0.1, norm: 'none', steps: 150 })
  expect(told.get('judge-diverges')).toEqual({ learningRate: 2e-4, clipNorm: 10 })
})

test('pictures that are all made of the same one are all alike', async () => {
  const project = await plantPairs((seed) => ({ a: spot(1), b: waves(seed) }))
  const told = await tell(project, 'pix2pix', { ...ofPairs, sampleEvery: 25, steps: 250 })
  expect(told.get('collapse')).toEqual({ diffAugment: true })
})

test('a generator that outruns its judge makes one picture of whatever numbers', async () => {
  const project = await plantClasses({ spots: 60, holes: 60 }, drawKind)
  const options = { ...fromNothing, netG: 'dense', judgeRate: 0.03, learningRate: 5e-3, steps: 250 }
  expect((await tell(project, 'gan', options)).get('collapse')).toEqual({ diffAugment: true })
})

test('a judge that sees little else than classes lets the same be made of each', async () => {
  const project = await plantClasses(kinds, drawKind)
  const strict = { ganLoss: 'lsgan', judgeRate: 0.05, learningRate: 3e-3 }
  const told = await tell(project, 'cgan', { ...fromNothing, ...strict, steps: 325 })
  expect(told.get('class-collapse')).toEqual({ diffAugment: true })
})

test('pictures that one number has to stand for are of a few kinds', async () => {
  const project = await plantClasses(kinds, drawKind)
  const told = await tell(project, 'gan', { ...fromNothing, latent: 1, batchSize: 8, steps: 650 })
  expect(told.get('mode-dropping')).toEqual({ diffAugment: true })
})

test('learned from negatives, what is made is the negative of what it should be; and the held-out pictures get worse', async () => {
  const project = await plantPairs((seed, split) => ({
    a: spot(seed),
    b: split === 'train' ? negativeOf(spot(seed)) : spot(seed),
  }))
  const told = await tell(project, 'pix2pix', {
    ...ofPairs,
    sampleEvery: 25,
    checkpointEvery: 40,
    steps: 250,
  })
  expect([...told.keys()].sort()).toEqual(['inverted', 'overfitting'])
})

test('transposed convolutions of 3 pixels in steps of 2 that only a judge looks at make a checkerboard', async () => {
  const project = await plantPairs((seed) => ({ a: spot(seed), b: waves(seed) }))
  const free = { netG: 'resnet_3blocks', lambdaL1: 0, learningRate: 2e-3, judgeRate: 0.1 }
  const told = await tell(project, 'pix2pix', { ...ofPairs, ...free, sampleEvery: 25, steps: 250 })
  expect(told.get('checkerboard')).toEqual({ upsampling: 'resize' })
})

test('nothing is learned at next to no learning rate: with pairs, by their scores', async () => {
  const project = await plantPairs((seed) => ({ a: spot(seed), b: waves(seed) }))
  const told = await tell(project, 'pix2pix', {
    ...ofPairs,
    ...{ learningRate: 1e-7, checkpointEvery: 20, steps: 100 },
  })
  expect(Object.fromEntries(told)).toEqual({ 'nothing-learned': { learningRate: 2e-4 } })
})

test('nothing is learned at next to no learning rate: without pairs, by the pictures', async () => {
  const project = await plantClasses(kinds, drawKind)
  const told = await tell(project, 'gan', { ...fromNothing, learningRate: 1e-7, steps: 250 })
  expect(Object.fromEntries(told)).toEqual({ 'nothing-learned': { learningRate: 2e-4 } })
})

test('ten pairs without a rule are learned by heart', async () => {
  const project = await plantPairs((seed) => ({ a: spot(seed), b: waves(seed + 1000) }), { train: 10 })
  const told = await tell(project, 'pix2pix', {
    ...ofPairs,
    ...{ learningRate: 2e-3, ngf: 8, checkpointEvery: 40, steps: 320 },
  })
  expect(Object.fromEntries(told)).toEqual({
    overfitting: { flip: true, rotateDegrees: 5, colourJitter: 0.1 },
  })
})

test('a class of three pictures in a hundred is told before the first step', async () => {
  const project = await plantClasses({ spots: 97, holes: 3 }, drawKind)
  const training = { recipe: 'gan' as const, options: { ...fromNothing, steps: 1 } }
  const told: string[] = []
  for await (const event of startRun({ projectFolder: project, training, backend }))
    if (event.type === 'finding') told.push(event.finding.message)
  expect(told.join()).toContain(
    'The class holes has 3 pictures to train on, where an equal share would be 50.',
  )
})
