import { unpairedFolders } from '../../core/datasets/unpairedFolders.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { listDataFolder, looseKey, type PlacedFile } from './folders.ts'
import type { Candidate, Found, Side } from './reader.ts'

/** One group a side: a picture stands alone, and is dealt without regard to the other side. */
function groupOf(side: Side, files: readonly PlacedFile[], scoreByName: boolean): Candidate[] {
  return files.map((file) => ({
    name: file.name.normalize('NFC'),
    split: file.split,
    a: null,
    b: null,
    [side]: { path: file.path, region: 'whole' },
    truePairKey: scoreByName ? looseKey(file) : null,
  }))
}

/** Two folders of any pictures; where asked for, held-out ones of the same name score what was made. */
export async function readUnpairedFolders(input: unknown, projectFolder: string): Promise<Found> {
  const options = parseOptions(unpairedFolders.options, input)
  const a = await listDataFolder(options.a, projectFolder)
  const b = await listDataFolder(options.b, projectFolder)
  return {
    groups: [groupOf('a', a.files, options.scoreByName), groupOf('b', b.files, options.scoreByName)],
    isPaired: false,
    derivation: null,
    findings: [...a.findings, ...b.findings],
    split: options,
  }
}
