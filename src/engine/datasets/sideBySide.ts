import { sideBySide } from '../../core/datasets/sideBySide.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { listDataFolder } from './folders.ts'
import type { Found } from './reader.ts'

/** One folder; A is the left half of every picture, B the right. */
export async function readSideBySide(input: unknown, projectFolder: string): Promise<Found> {
  const options = parseOptions(sideBySide.options, input)
  const { files, findings } = await listDataFolder(options.folder, projectFolder)
  const pairs = files.map(({ path, name, split }) => ({
    name: name.normalize('NFC'),
    split,
    a: { path, region: 'left' as const },
    b: { path, region: 'right' as const },
    truePairKey: null,
  }))
  return { groups: [pairs], isPaired: true, derivation: null, findings, split: options }
}
