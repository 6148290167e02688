import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SplitName } from '../../core/datasets/report.ts'
import { refuse } from '../../core/errors.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import { readPictureFolder } from '../datasets/pictureFolder.ts'
import { scanDataset, type DatasetReport } from '../datasets/index.ts'
import { dealSplits } from '../datasets/split.ts'
import { PROJECT_FILE, readProject } from '../storage/project.ts'
import { hashFile } from '../storage/hashFile.ts'
import { fileName } from './fileName.ts'

/** `name`: its place below its folder. `isTraining`: the model may have learned from it. */
export type RealPicture = {
  path: string
  name: string
  label: number | null
  split: SplitName
  isTraining: boolean
}
/** Real pictures that a set is compared with; `fingerprint` is that of all their bytes, names and classes. */
export type RealSet = {
  origin: 'run' | 'folder'
  classes: string[]
  pictures: RealPicture[]
  fingerprint: string
}

/**
 * The pictures of a folder; subfolders are classes. Folders of splits are kept; where none keeps any back they are dealt, and any
 * picture may have been trained on.
 * @throws Refused `dataset-folder-missing`, `real-missing` where it holds no picture
 */
export async function realFromFolder(folder: string, signal?: AbortSignal): Promise<RealSet> {
  const found = await readPictureFolder({ folder: resolve(folder) }, resolve(folder))
  const candidates = found.groups.flat()
  if (candidates.length === 0)
    throw refuse(
      'real-missing',
      `There is no picture in ${folder}.`,
      'Name a folder that holds real pictures.',
    )
  const isDealt = candidates.every(({ split }) => split === null || split === 'train')
  const { splits } = dealSplits(candidates, found.split, 'picture')
  const hash = createHash('sha256')
  const pictures: RealPicture[] = []
  for (const [index, { name, split: stated, b, label = null }] of candidates.entries()) {
    signal?.throwIfAborted()
    const split = (isDealt ? splits[index] : stated) ?? 'train'
    const path = b?.path ?? ''
    const file = fileName(name, path)
    hash.update(JSON.stringify([file, split, label, await hashFile(path)]))
    pictures.push({ path, name: file, label, split, isTraining: isDealt || split === 'train' })
  }
  return { origin: 'folder', classes: found.classes ?? [], pictures, fingerprint: hash.digest('hex') }
}

/**
 * The pictures of the run that trained a model which still lies in its project.
 * @returns why not, as the reason and the remedy of a refusal, where they are not to be found
 */
export async function realFromRun(
  projectFolder: string,
  { training }: ModelHeader,
  signal?: AbortSignal,
): Promise<RealSet | string> {
  if (!training || !existsSync(join(projectFolder, PROJECT_FILE)))
    return 'The model does not lie in the project that trained it, so its training pictures are not known.'
  const { dataset } = await readProject(projectFolder)
  const report = dataset && (await scanDataset(dataset, projectFolder, signal))
  if (report?.fingerprint !== training.datasetFingerprint)
    return 'The pictures of the project are others than those that the model was trained on.'
  const pictures = targetsOf(report, training.direction === 'BtoA' ? 'a' : 'b')
  if (pictures.length === 0) return 'The pictures of the project are halves of files.'
  return { origin: 'run', classes: report.classes ?? [], pictures, fingerprint: report.fingerprint }
}

/** What the model's results should look like. Halves of files are not read here. */
function targetsOf({ unpaired, pairs }: DatasetReport, side: 'a' | 'b'): RealPicture[] {
  const singles = unpaired
    ? unpaired[side]
    : pairs.map((pair) => ({ ...pair[side], name: pair.name, split: pair.split, label: null }))
  return singles
    .filter(({ region }) => region === 'whole')
    .map(({ file, name, label = null, split }) => ({
      path: file.path,
      name: fileName(name, file.path),
      label,
      split,
      isTraining: split === 'train',
    }))
}

/** How many pictures the model may have learned from, class by class. @throws Refused `class-unknown` without classes */
export function trainingCounts({ classes, pictures }: RealSet): Record<string, number> {
  if (classes.length === 0)
    throw refuse(
      'class-unknown',
      'The real pictures have no classes that could be filled up.',
      'Put them into one folder for each class, or leave the balance out.',
    )
  const count = (label: number) => pictures.filter((one) => one.isTraining && one.label === label).length
  return Object.fromEntries(classes.map((name, label) => [name, count(label)]))
}

/** Pictures kept from training: those of the test, else of validation; without any, those of the training itself. */
export function comparedOf({ pictures }: RealSet): { split: SplitName; pictures: RealPicture[] } {
  for (const split of ['test', 'val'] as const) {
    const own = pictures.filter((one) => one.split === split)
    if (own.length > 0) return { split, pictures: own }
  }
  return { split: 'train', pictures }
}
