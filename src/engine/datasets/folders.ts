import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { refuse } from '../../core/errors.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import { listFolder } from '../imaging/list.ts'
import { finding, type Finding } from './reader.ts'

/** What subfolders are called that say how their pictures are dealt. */
export const splitFolders: Readonly<Record<string, SplitName>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
  testing: 'test',
}

/** A picture by its place below a data folder. */
export type PlacedFile = {
  path: string
  /** With forward slashes, without extension, as it is written. */
  name: string
  split: SplitName | null
}

function splitOf(relative: string): SplitName | null {
  const [first, ...rest] = relative.split('/')
  return rest.length > 0 ? (splitFolders[(first ?? '').toLowerCase()] ?? null) : null
}

function nameOf(relative: string): string {
  return relative.replace(/\.[^./]+$/, '')
}

/**
 * What two files must share to be a pair: place and name without extension, the split by its meaning (`valid` is
 * `val`), letters composed (macOS stores them apart), capitals ignored.
 */
export function looseKey(file: PlacedFile): string {
  const name = file.split ? `${file.split}${file.name.slice(file.name.indexOf('/'))}` : file.name
  return name.normalize('NFC').toLowerCase()
}

/**
 * The pictures below a folder, in natural order. Subfolders named train, val and test are splits where there is a
 * train folder; pictures beside them are then left out.
 * @throws Refused `dataset-folder-missing`
 */
export async function listDataFolder(
  folder: string,
  projectFolder: string,
): Promise<{ files: PlacedFile[]; findings: Finding[] }> {
  const root = resolve(projectFolder, folder)
  const found = await stat(root).catch(() => null)
  if (!found?.isDirectory())
    throw refuse(
      'dataset-folder-missing',
      `The folder ${root} is not there.`,
      'It may have been moved or renamed. Choose the folder again.',
    )
  const relatives = await listFolder(root)
  const hasSplits = relatives.some((relative) => splitOf(relative) === 'train')
  const files: PlacedFile[] = []
  const findings: Finding[] = []
  for (const relative of relatives) {
    const path = resolve(root, relative)
    const split = hasSplits ? splitOf(relative) : null
    if (hasSplits && split === null)
      findings.push(
        finding(
          'warning',
          'outside-splits',
          `${relative} lies beside the folders train, val and test and is left out.`,
          'Move it into one of them.',
          path,
        ),
      )
    else files.push({ path, name: nameOf(relative), split })
  }
  return { files, findings }
}
