import { basename, dirname } from 'node:path'
import { splitFolders } from '../datasets/folders.ts'

export type Labels = { label: string; split: string }

/** The class is the name of the picture's folder; train, val and test around it (or in its place) are the split. */
export function labelsOf(picture: string): Labels {
  const folder = basename(dirname(picture))
  const splitOf = (name: string) => splitFolders[name.toLowerCase()] ?? ''
  if (splitOf(folder)) return { label: '', split: splitOf(folder) }
  return { label: folder, split: splitOf(basename(dirname(dirname(picture)))) }
}
