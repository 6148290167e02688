import type { z } from 'zod'
import { cyclegan } from './cyclegan.ts'
import { pix2pix } from './pix2pix.ts'
import { restore } from './restore.ts'

export const recipes = { pix2pix, cyclegan, restore } as const

export type RecipeId = keyof typeof recipes
export type OptionsOf<Id extends RecipeId> = z.infer<(typeof recipes)[Id]['options']>

export const recipeIds = Object.keys(recipes) as RecipeId[]
