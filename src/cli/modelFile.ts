import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuse } from '../core/errors.ts'

const starterFolder = fileURLToPath(new URL('../../resources/models', import.meta.url))
const ENDING = '.safetensors'

function starterNames(): string[] {
  return readdirSync(starterFolder)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => basename(name, ENDING))
}

/** A model as a person names it: a file, or one of the starter models by its name (`enlarge-x2`). */
export function modelFileOf(name: string): string {
  if (existsSync(name)) return resolve(name)
  if (starterNames().includes(name)) return join(starterFolder, `${name}${ENDING}`)
  throw refuse(
    'usage',
    `There is no model at ${name}.`,
    `Give a model file, or a starter model: ${starterNames().join(', ')}.`,
  )
}
