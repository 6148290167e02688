import type { z } from 'zod'
import { attribute } from './attribute.ts'
import { bicyclegan } from './bicyclegan.ts'
import { cgan } from './cgan.ts'
import { cut } from './cut.ts'
import { cyclegan } from './cyclegan.ts'
import { fastcut } from './fastcut.ts'
import { gan } from './gan.ts'
import { pix2pix } from './pix2pix.ts'
import { progressive } from './progressive.ts'
import { restore } from './restore.ts'
import { wgan } from './wgan.ts'
import { wganGp } from './wganGp.ts'

export const recipes = {
  pix2pix,
  bicyclegan,
  cyclegan,
  cut,
  fastcut,
  restore,
  gan,
  cgan,
  wgan,
  'wgan-gp': wganGp,
  progressive,
  attribute,
} as const

export type RecipeId = keyof typeof recipes
export type OptionsOf<Id extends RecipeId> = z.infer<(typeof recipes)[Id]['options']>

export const recipeIds = Object.keys(recipes) as RecipeId[]
