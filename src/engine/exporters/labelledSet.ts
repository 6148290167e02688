import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { labelledSet } from '../../core/exporters/labelledSet.ts'
import { refuse } from '../../core/errors.ts'
import { parseOptions } from '../../core/options/parse.ts'
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
import { labelsOf } from './labels.ts'

/** Annotations as the field keeps them beside a picture, under its name: YOLO's text, Pascal VOC's XML, LabelMe's JSON. */
const annotationExtensions = ['.txt', '.xml', '.json'] as const

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
function planAnnotations({ before }: ExportItem, stem: string): PlannedFile[] {
  const beside = before.slice(0, before.length - extname(before).length)
  return annotationExtensions
    .map((extension) => ({ source: `${beside}${extension}`, place: `${stem}${extension}` }))
    .filter(({ source }) => existsSync(source))
    .map(({ source, place }) => ({
      place,
      write: async (path) => placeFile(path, [await readFile(source)]),
    }))
}

/**
 * One row a picture: where it lies, its class, its split, and the file name of its original; where any is one of several variants,
 * which of them, and the seed of its code.
 */
function tableOf(exported: readonly ExportedItem[]): string {
  const hasVariants = exported.some(({ item }) => item.variant)
  const cellsOf = ({ item: { before, variant }, places }: ExportedItem) => {
    const { label, split } = labelsOf(before)
    const cells = [places[0] ?? '', label, split, basename(before)]
    return hasVariants
      ? [...cells, ...[variant?.number, variant?.styleSeed].map((one) => String(one ?? ''))]
      : cells
  }
  const head = ['file', 'label', 'split', 'original', ...(hasVariants ? ['variant', 'style seed'] : [])]
  return [head, ...exported.map(cellsOf)].map(csvRow).join('')
}

/** `train/shoe/0001.png`: the layout that torchvision's ImageFolder and Keras' directory readers take, and a table. */
export const exportLabelledSet: Exporter = (input) => {
  const options = parseOptions(labelledSet.options, input)
  return {
    plan(item, name) {
      const format = formatFor(item, options)
      const { label, split } = labelsOf(item.before)
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
