import { readdir, readFile, stat } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { EngineViews } from '../../../core/contract/index.ts'
import { Refused } from '../../../core/errors.ts'
import { readModelHeader } from '../../interchange/modelFile.ts'
import type { Handlers } from './types.ts'

/** What Diptych brings along: samples, photographs, starter models. */
const resources = fileURLToPath(new URL('../../../../resources', import.meta.url))

const sampleFile = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  cover: z.string().optional(),
  files: z.record(z.string(), z.string()),
})
const photosFile = z.object({
  photos: z.array(z.object({ file: z.string(), author: z.string(), licence: z.string() })),
})

async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  return schema.parse(JSON.parse(await readFile(path, 'utf8')))
}

async function listSamples(): Promise<EngineViews['sample'][]> {
  const folder = join(resources, 'samples')
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  return Promise.all(
    entries.map(async (entry) => {
      const at = join(folder, entry.name)
      const {
        id,
        name,
        description,
        files,
        cover: chosen,
      } = await readJson(join(at, 'sample.json'), sampleFile)
      const names = Object.keys(files)
      const targets = names.filter((file) => file.startsWith('B/'))
      const cover = chosen ?? targets[Math.floor(targets.length / 2)] ?? names[0] ?? ''
      return { id, name, description, cover: { path: join(at, cover) } }
    }),
  )
}

/** `mountain-trail.jpg` is shown as "Mountain trail": the artists' own titles are file names such as "Picture_1A". */
function nameInWords(file: string): string {
  const words = parse(file).name.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

async function listPhotos(): Promise<EngineViews['photo'][]> {
  const folder = join(resources, 'photos')
  const { photos } = await readJson(join(folder, 'photos.json'), photosFile)
  return photos.map(({ file, author, licence }) => ({
    file: { path: join(folder, file) },
    title: nameInWords(file),
    author,
    licence,
  }))
}

async function listModelsIn(folder: string, origin: 'starter' | 'project'): Promise<EngineViews['model'][]> {
  const names = await readdir(folder).catch((error: unknown) => {
    // A project without a finished run has no such folder yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  const paths = names
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .map((name) => join(folder, name))
  return (await Promise.all(paths.map((path) => readModel(path, origin)))).flat()
}

/** None where the file is no whole model of ours: it must not hide the others. It is refused where it is opened. */
async function readModel(path: string, origin: 'starter' | 'project'): Promise<EngineViews['model'][]> {
  try {
    const header = await readModelHeader(path)
    return [{ file: { path }, header, bytes: (await stat(path)).size, origin }]
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    process.stderr.write(`Left out of the models: ${error.refusal.message}\n`)
    return []
  }
}

export const shelfHandlers = {
  'sample:list': listSamples,
  'photo:list': listPhotos,
  'model:list': async ({ project }) => [
    ...(project ? await listModelsIn(join(project.path, 'models'), 'project') : []),
    ...(await listModelsIn(join(resources, 'models'), 'starter')),
  ],
} satisfies Partial<Handlers>
