import { derivationSchema, derivedPairs } from '../../core/datasets/derivedPairs.ts'
import { refuse } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { listDataFolder } from './folders.ts'
import type { Found } from './reader.ts'

/**
 * One folder; A is computed from B when it is read.
 * @throws Refused `derivation-none` when nothing would be done to A
 */
export async function readDerivedPairs(input: unknown, projectFolder: string): Promise<Found> {
  const options = parseOptions(derivedPairs.options, input)
  const derivation = derivationSchema.strip().parse(options)
  if (isNothing(derivation))
    throw refuse(
      'derivation-none',
      'Nothing is done to the pictures, so before and after would be the same.',
      'Switch on at least one of: colour taken away, edges, fading, blur, made smaller, noise, JPEG, scratches, dust.',
    )
  const { files, findings } = await listDataFolder(options.folder, projectFolder)
  const pairs = files.map(({ path, name, split }) => {
    const whole = { path, region: 'whole' as const }
    return { name: name.normalize('NFC'), split, a: whole, b: whole, truePairKey: null }
  })
  return { groups: [pairs], isPaired: true, derivation, findings, split: options }
}

/** Whether every harm is at its default, which does none. */
function isNothing(derivation: Record<string, unknown>): boolean {
  const { downscaleKernel: _, ...harms } = derivation
  const none: Record<string, unknown> = derivationSchema.parse({})
  return Object.entries(harms).every(([key, value]) => value === none[key])
}
