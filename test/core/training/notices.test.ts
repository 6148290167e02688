import { expect, test } from 'vitest'
import { parseOptions } from '../../../src/core/options/parse.ts'
import { recipeIds, recipes, type RecipeId } from '../../../src/core/recipes/index.ts'
import { findingFor, notices, type NoticeCode } from '../../../src/core/training/notices.ts'

const codes = Object.keys(notices) as NoticeCode[]

function changeOf(code: NoticeCode, recipe: RecipeId, options: Record<string, unknown> = {}) {
  return findingFor({ code }, recipe, parseOptions(recipes[recipe].options, options)).change
}

test('every remedy can be applied to the run that it is told of, and changes something', () => {
  for (const recipe of recipeIds)
    for (const code of codes) {
      const own: Record<string, unknown> = parseOptions(recipes[recipe].options, {})
      const change = changeOf(code, recipe)
      if (change === undefined) continue
      expect(Object.keys(change).length, code).toBeGreaterThan(0)
      for (const [key, value] of Object.entries(change)) expect(own[key], `${code} ${key}`).not.toEqual(value)
      expect(() => parseOptions(recipes[recipe].options, { ...own, ...change })).not.toThrow()
    }
})

test('every notice but a plateau has a remedy of one click in some recipe', () => {
  // At the learning rate that is published, nothing learned is no fault of the learning rate.
  const without = codes.filter((code) =>
    recipeIds.every((recipe) => changeOf(code, recipe, { learningRate: 1e-6 }) === undefined),
  )
  expect(without).toEqual(['plateau'])
})

test('remedies go by what the run was', () => {
  expect(changeOf('divergence', 'pix2pix', { learningRate: 2e-4 })).toEqual({
    learningRate: 1e-4,
    clipNorm: 10,
  })
  expect(changeOf('divergence', 'pix2pix', { learningRate: 0.1, clipNorm: 10 })).toEqual({
    learningRate: 2e-4,
    clipNorm: 5,
  })
  expect(changeOf('judge-wins', 'gan', { judgeRate: 100 })).toEqual({ judgeRate: 1 })
  expect(changeOf('judge-wins', 'gan')).toEqual({ diffAugment: true })
  expect(changeOf('judge-wins', 'gan', { diffAugment: true })).toEqual({ judgeRate: 0.5 })
  expect(changeOf('judge-dead', 'wgan', { clipWeights: 1e-4 })).toEqual({ clipWeights: 0.01 })
  expect(changeOf('judge-dead', 'wgan')).toEqual({ judgeRate: 4 })
  expect(changeOf('critic-flat', 'wgan-gp', { judgeRate: 0.1 })).toEqual({ judgeRate: 1 })
  expect(changeOf('critic-flat', 'attribute')).toEqual({ learningRate: 5e-5, clipNorm: 10 })
  expect(changeOf('nothing-learned', 'gan', { learningRate: 2e-4 })).toBeUndefined()
  expect(changeOf('overfitting', 'pix2pix', { flip: false, rotateDegrees: 20 })).toEqual({
    flip: true,
    colourJitter: 0.1,
  })
})

test('what a recipe does not have is left out', () => {
  expect(changeOf('inverted', 'cyclegan', { lambdaIdentity: 0 })).toEqual({ lambdaIdentity: 1 })
  expect(changeOf('inverted', 'fastcut')).toEqual({ nceIdentity: true })
  expect(changeOf('inverted', 'pix2pix')).toBeUndefined()
  expect(changeOf('checkerboard', 'pix2pix')).toEqual({ upsampling: 'resize' })
  expect(changeOf('checkerboard', 'gan')).toBeUndefined()
})

test('what was seen here follows the message', () => {
  const detail = 'Here: shoe.'
  const { message } = findingFor(
    { code: 'class-collapse', detail },
    'cgan',
    parseOptions(recipes.cgan.options, {}),
  )
  expect(message).toBe(`${notices['class-collapse'].message} ${detail}`)
})
