import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname } from 'node:path'
import { labelledSet } from '../../core/exporters/labelledSet.ts'
import { refuse } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
import { splitFolders } from '../datasets/folders.ts'
import { extensionFor } from '../imaging/formats.ts'
import { readHeader } from '../imaging/read.ts'
import { placeFile } from '../imaging/write.ts'
import { csvRow } from './csv.ts'
import {
  formatFor,
  writeAs,
  type Exporter,
  type ExportedItem,
  type ExportItem,
  type PlannedFile,
} from './exporter.ts'

/** Annotations as the field keeps them beside a picture, under its name: YOLO's text, Pascal VOC's XML, LabelMe's JSON. */
const annotationExtensions = ['.txt', '.xml', '.json'] as const

type Labels = { label: string; split: string }

/** The class is the name of the picture's folder; train, val and test around it (or in its place) are the split. */
function labelsOf({ before }: ExportItem): Labels {
  const folder = basename(dirname(before))
  const splitOf = (name: string) => splitFolders[name.toLowerCase()] ?? ''
  if (splitOf(folder)) return { label: '', split: splitOf(folder) }
  return { label: folder, split: splitOf(basename(dirname(dirname(before)))) }
}

/** Boxes and outlines are in pixels: they fit a result of the same size only. */
async function checkSize({ before, after }: ExportItem): Promise<void> {
  const [one, other] = await Promise.all([readHeader(before), readHeader(after)])
  if (one.widthPx === other.widthPx && one.heightPx === other.heightPx) return
  throw refuse(
    'annotation-unfit',
    `The annotation of ${basename(before)} does not fit its result, which is ${other.widthPx} x ${other.heightPx} px instead of ${one.widthPx} x ${one.heightPx}.`,
    'Use a model that keeps the size, or export without annotations.',
  )
}

/** The annotations beside the original, copied under the result's name. */
function planAnnotations(item: ExportItem, stem: string): PlannedFile[] {
  const beside = item.before.slice(0, item.before.length - extname(item.before).length)
  return annotationExtensions
    .map((extension) => ({ source: `${beside}${extension}`, place: `${stem}${extension}` }))
    .filter(({ source }) => existsSync(source))
    .map(({ source, place }) => ({
      place,
      write: async (path) => placeFile(path, [await readFile(source)]),
    }))
}

/** One row a picture: where it lies, its class, its split, and the file name of its original. */
function tableOf(exported: readonly ExportedItem[]): string {
  const rows = exported.map(({ item, places }) => {
    const { label, split } = labelsOf(item)
    return csvRow([places[0] ?? '', label, split, basename(item.before)])
  })
  return csvRow(['file', 'label', 'split', 'original']) + rows.join('')
}

/** `train/shoe/0001.png`: the layout that torchvision's ImageFolder and Keras' directory readers take, and a table. */
export const exportLabelledSet: Exporter = (input) => {
  const options = parseOptions(labelledSet.options, input)
  return {
    plan(item, name) {
      const format = formatFor(item, options)
      const { label, split } = labelsOf(item)
      const stem = [split, label, name].filter(Boolean).join('/')
      const annotations = planAnnotations(item, stem)
      const picture = {
        place: `${stem}${extensionFor(format, item.before)}`,
        async write(path: string) {
          if (annotations.length > 0) await checkSize(item)
          await writeAs(item.after, path, format, options)
        },
      }
      return [picture, ...annotations]
    },
    conclude: (exported, name) => [
      {
        place: `labels${name}.csv`,
        write: (path) => placeFile(path, [Buffer.from(tableOf(exported))]),
      },
    ],
  }
}
