import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuse } from '../../core/errors.ts'
import { projectFile, type ProjectFile } from '../../core/project/project.ts'
import { namesIn } from './atomic.ts'

const samplesFolder = fileURLToPath(new URL('../../../resources/samples', import.meta.url))

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
  const template = projectFile.parse(JSON.parse(await readFile(templatePath, 'utf8')))
  await cp(source, folder, { recursive: true, filter: (path) => path !== templatePath })
  return template
}
