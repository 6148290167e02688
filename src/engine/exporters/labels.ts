import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname } from 'node:path'
import { splitFolders } from '../datasets/folders.ts'
import { placeFile } from '../imaging/write.ts'
import type { PlannedFile } from './exporter.ts'

/** Annotations as the field keeps them beside a picture, under its name: YOLO's text, Pascal VOC's XML, LabelMe's JSON. */
const annotationExtensions = ['.txt', '.xml', '.json'] as const

export type Labels = { label: string; split: string }

/** The class is the name of the picture's folder; train, val and test around it (or in its place) are the split. */
export function labelsOf(picture: string): Labels {
  const folder = basename(dirname(picture))
  const splitOf = (name: string) => splitFolders[name.toLowerCase()] ?? ''
  if (splitOf(folder)) return { label: '', split: splitOf(folder) }
  return { label: folder, split: splitOf(basename(dirname(dirname(picture)))) }
}

/** The annotations beside the original, copied under the result's name. @param stem of the result, without its extension */
export function planAnnotations(picture: string, stem: string): PlannedFile[] {
  const beside = picture.slice(0, picture.length - extname(picture).length)
  return annotationExtensions
    .map((extension) => ({ source: `${beside}${extension}`, place: `${stem}${extension}` }))
    .filter(({ source }) => existsSync(source))
    .map(({ source, place }) => ({
      place,
      write: async (path) => placeFile(path, [await readFile(source)]),
    }))
}
