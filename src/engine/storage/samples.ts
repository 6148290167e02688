import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { projectFile, type ProjectFile } from '../../core/project/project.ts'
import { mapConcurrently } from '../datasets/concurrent.ts'
import { cropPicture } from '../imaging/picture.ts'
import { readPicture } from '../imaging/read.ts'
import { encodePicture } from '../imaging/write.ts'
import { namesIn } from './atomic.ts'

const CONCURRENT_FILES = 8
const samplesFolder = fileURLToPath(new URL('../../../resources/samples', import.meta.url))

/** Many small pictures as one file: squares row by row, the first `count` of which a project gets as files. */
const sheetSchema = z.object({
  file: z.string(),
  into: z.string(),
  sidePx: z.number().int().positive(),
  count: z.number().int().positive(),
})
/** `borrowed`: files that a sample shares with another one: their place in the project, and where they lie among the samples. */
const sampleCard = z.object({
  borrowed: z.record(z.string(), z.string()).default({}),
  sheets: z.array(sheetSchema).default([]),
})

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}

/**
 * Copies a sample into a new project's folder: pictures, licence and source; its project.json is returned as the template.
 * @throws Refused `sample-unknown`
 */
export async function copySample(id: string, folder: string): Promise<ProjectFile> {
  const known = (await namesIn(samplesFolder)).filter((name) => !name.startsWith('.'))
  if (!known.includes(id))
    throw refuse('sample-unknown', `There is no sample named ${id}.`, `The samples are: ${known.join(', ')}.`)
  const source = join(samplesFolder, id)
  const templatePath = join(source, 'project.json')
  const template = projectFile.parse(await readJson(templatePath))
  const { borrowed, sheets } = sampleCard.parse(await readJson(join(source, 'sample.json')))
  const left = new Set([templatePath, ...(sheets.length > 0 ? [join(source, 'sheets')] : [])])
  await cp(source, folder, { recursive: true, filter: (path) => !left.has(path) })
  for (const sheet of sheets) await unpackSheet(source, folder, sheet)
  for (const [to, from] of Object.entries(borrowed)) {
    await mkdir(dirname(join(folder, to)), { recursive: true })
    await copyFile(join(samplesFolder, from), join(folder, to))
  }
  return template
}

/** The squares of a sheet as files: 0001.png, 0002.png, ... */
async function unpackSheet(
  source: string,
  folder: string,
  { file, into, sidePx, count }: z.infer<typeof sheetSchema>,
): Promise<void> {
  const sheet = await readPicture(join(source, file))
  const columns = Math.floor(sheet.widthPx / sidePx)
  await mkdir(join(folder, into), { recursive: true })
  const numbers = Array.from({ length: count }, (_, index) => index)
  await mapConcurrently(numbers, CONCURRENT_FILES, async (index) => {
    const box = {
      left: (index % columns) * sidePx,
      top: Math.floor(index / columns) * sidePx,
      widthPx: sidePx,
      heightPx: sidePx,
    }
    const png = await encodePicture(cropPicture(sheet, box), { format: 'png' })
    await writeFile(join(folder, into, `${String(index + 1).padStart(4, '0')}.png`), Buffer.concat(png))
  })
}
