import { basename } from 'node:path'
import { pictureFolder } from '../../core/datasets/pictureFolder.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { listDataFolder, type PlacedFile } from './folders.ts'
import { finding, type Candidate, type Finding, type Found } from './reader.ts'

/** The subfolder that a picture lies in, below the folder of its split; null where it lies in none. */
function classOf({ name, split }: PlacedFile): string | null {
  const [, ...below] = split === null ? ['', ...name.split('/')] : name.split('/')
  const [first] = below
  return below.length > 1 && first ? first.normalize('NFC') : null
}

function outsideClasses(file: PlacedFile): Finding {
  return finding(
    'warning',
    'outside-classes',
    `${basename(file.path)} lies beside the folders of classes and is left out.`,
    'Move it into one of them.',
    file.path,
  )
}

/** One folder of pictures; where it has subfolders, those are their classes. */
export async function readPictureFolder(input: unknown, projectFolder: string): Promise<Found> {
  const options = parseOptions(pictureFolder.options, input)
  const { files, findings } = await listDataFolder(options.folder, projectFolder)
  const classes = [...new Set(files.flatMap((file) => classOf(file) ?? []))].sort()
  const candidates: Candidate[] = []
  for (const file of files) {
    const label = classOf(file)
    if (label === null && classes.length > 0) findings.push(outsideClasses(file))
    else
      candidates.push({
        name: file.name.normalize('NFC'),
        split: file.split,
        a: null,
        b: { path: file.path, region: 'whole' },
        truePairKey: null,
        label: label === null ? null : classes.indexOf(label),
      })
  }
  return { groups: [candidates], isPaired: false, classes, derivation: null, findings, split: options }
}
