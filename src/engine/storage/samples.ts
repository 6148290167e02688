import { copyFile, cp, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { refuse } from '../../core/errors.ts'
import { projectFile, type ProjectFile } from '../../core/project/project.ts'
import { namesIn } from './atomic.ts'

const samplesFolder = fileURLToPath(new URL('../../../resources/samples', import.meta.url))

/** Files that a sample shares with another one: their place in the project, and where they lie among the samples. */
const sampleCard = z.object({ borrowed: z.record(z.string(), z.string()).default({}) })

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
  const { borrowed } = sampleCard.parse(await readJson(join(source, 'sample.json')))
  await cp(source, folder, { recursive: true, filter: (path) => path !== templatePath })
  for (const [to, from] of Object.entries(borrowed)) {
    await mkdir(dirname(join(folder, to)), { recursive: true })
    await copyFile(join(samplesFolder, from), join(folder, to))
  }
  return template
}
