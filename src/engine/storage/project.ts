import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { FileOnDisk } from '../../core/files.ts'
import { splitOptions } from '../../core/datasets/common.ts'
import { datasetKinds, type DatasetConfig, type DatasetKindId } from '../../core/datasets/index.ts'
import { refuse } from '../../core/errors.ts'
import { describeOptions } from '../../core/options/describe.ts'
import { parseOptions } from '../../core/options/parse.ts'
import {
  projectFile,
  trainingSettings,
  type ProjectFile,
  type TrainingSettings,
} from '../../core/project/project.ts'
import { recipeIds, recipes, type RecipeId } from '../../core/recipes/index.ts'
import { listFolder } from '../imaging/list.ts'
import { fillFolder, namesIn, writeJsonAtomic } from './atomic.ts'
import { readDatabase, withDatabase } from './database.ts'
import { lockSettings } from './lock.ts'
import { listRuns } from './runs.ts'
import { readSamples } from './runRows.ts'
import { copySample } from './samples.ts'
import { isWithin } from './within.ts'

export type OpenedProject = { folder: FileOnDisk; project: ProjectFile; cover: FileOnDisk | null }

export const PROJECT_FILE = 'project.json'

/** Brings project.json from schema n + 1 to n + 2. Append only. */
const migrations: readonly ((older: Record<string, unknown>) => Record<string, unknown>)[] = []

/**
 * Makes a project: from a sample, over a data set, or empty. The folder must be new or empty.
 * @throws Refused `folder-not-empty`, `sample-unknown`, `option-unknown`, `option-invalid`, `disk-full`, `write-forbidden`
 */
export async function createProject(
  folder: string,
  request: {
    name: string
    sample: string | null
    dataset: DatasetConfig | null
    /** What a preset asks for; else the first recipe that can learn from the data. */
    training?: TrainingSettings | null
  },
): Promise<OpenedProject> {
  if ((await namesIn(folder)).length > 0)
    throw refuse(
      'folder-not-empty',
      `The folder ${folder} is not empty.`,
      'Choose a new or an empty folder. Nothing was written into it.',
    )
  const dataset = request.dataset && settle(request.dataset, folder)
  await fillFolder(folder, async (place) => {
    const template = request.sample === null ? emptyProject : await copySample(request.sample, place)
    const training =
      request.training ?? (dataset ? fittingTraining(template.training, dataset.kind) : template.training)
    const project = { ...template, name: request.name, training, ...(dataset && { dataset }) }
    withDatabase(place, () => undefined)
    // Last: only then is the folder a project.
    await writeJsonAtomic(join(place, PROJECT_FILE), projectFile.parse(project))
  })
  return openProject(folder)
}

const emptyProject: Omit<ProjectFile, 'name'> = {
  schema: 1,
  dataset: null,
  training: { recipe: 'pix2pix', options: {} },
  presets: {},
  sample: null,
}

async function readJson(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, PROJECT_FILE), 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw refuse(
      'not-a-project',
      `${folder} is not a project: it holds no readable ${PROJECT_FILE}.`,
      'Choose a folder that Diptych made, or make a new project.',
    )
  }
}

function migrate(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || !('schema' in json)) return json
  const { schema } = json
  if (typeof schema !== 'number' || schema < 1) return json
  return migrations
    .slice(schema - 1)
    .reduce<Record<string, unknown>>((older, step) => step(older), { ...json })
}

/** The project alone, without looking at its runs. @throws Refused `not-a-project`, `project-newer`, `project-damaged` */
export async function readProject(folder: string): Promise<ProjectFile> {
  const json = migrate(await readJson(folder))
  const parsed = projectFile.safeParse(json)
  if (parsed.success) return parsed.data
  const schema = typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined
  if (typeof schema === 'number' && schema > migrations.length + 1)
    throw refuse('project-newer', `${folder} was made by a newer version of Diptych.`, 'Update Diptych.')
  throw refuse(
    'project-damaged',
    `The ${PROJECT_FILE} of ${folder} cannot be read: ${parsed.error.issues[0]?.path.join('.') || 'all of it'} is wrong.`,
    'Repair the file, or make a new project over the same pictures.',
  )
}

/**
 * Opens a project as the doors show it. Takes no lock.
 * @throws Refused `not-a-project`, `project-newer`, `project-damaged`, `database-damaged`
 */
export async function openProject(folder: string): Promise<OpenedProject> {
  const path = resolve(folder)
  const project = await readProject(path)
  return { folder: { path }, project, cover: await findCover(path, project) }
}

/** A picture for the list of projects: the newest the model made, else the first of the data. */
async function findCover(folder: string, project: ProjectFile): Promise<FileOnDisk | null> {
  for (const { run, recipe } of (await listRuns(folder)).reverse()) {
    const row = readDatabase(folder, (database) => readSamples(database, folder, run)).at(-1)?.items[0]
    const made = row?.visuals[recipes[recipe].made]
    if (made) return made
  }
  const { b, folder: single } = project.dataset?.options ?? {}
  const data = typeof b === 'string' ? b : single
  if (typeof data !== 'string') return null
  const at = resolve(folder, data)
  const first = await listFolder(at).then(
    (pictures) => pictures[0],
    () => undefined, // A folder that was moved away is told by the scan, not by the list of projects.
  )
  return first === undefined ? null : { path: join(at, first) }
}

function foldersOf(kind: DatasetKindId) {
  return describeOptions(datasetKinds[kind].options).filter((option) => option.kind === 'folder')
}

/** Folders inside the project are stored relative to it, so that the project can be moved; the options are checked. */
function settle({ kind, options }: DatasetConfig, projectFolder: string): DatasetConfig {
  const schema = datasetKinds[kind].options
  const stored = { ...options }
  for (const { key } of foldersOf(kind)) {
    const value = stored[key]
    if (typeof value === 'string') stored[key] = storedPath(value, projectFolder)
  }
  return { kind, options: parseOptions<typeof schema>(schema, stored) }
}

function storedPath(path: string, projectFolder: string): string {
  const full = resolve(projectFolder, path)
  return isWithin(projectFolder, full) ? relative(projectFolder, full).split(sep).join('/') || '.' : full
}

let lastChange: Promise<unknown> = Promise.resolve()

/** Changes project.json, one change at a time: in this process they queue, other processes are kept out by a lock. */
function changeProject(
  folder: string,
  change: (project: ProjectFile) => ProjectFile,
): Promise<OpenedProject> {
  const apply = async () => {
    // A folder that is no project gets no lock.
    await readProject(folder)
    const lock = lockSettings(folder)
    try {
      const changed = projectFile.parse(change(await readProject(folder)))
      await writeJsonAtomic(join(folder, PROJECT_FILE), changed)
    } finally {
      lock.release()
    }
    return openProject(folder)
  }
  const done = lastChange.then(apply)
  lastChange = done.catch(() => undefined) // Its caller is told.
  return done
}

const dealing: readonly string[] = Object.keys(splitOptions)

/** The recipe a project would use, or the first that can learn from its new kind of data. */
function fittingTraining(training: TrainingSettings, kind: DatasetKindId): TrainingSettings {
  const fits = (id: RecipeId) => recipes[id].datasets.some((one) => one === kind)
  const recipe = recipeIds.find(fits)
  return fits(training.recipe) || !recipe ? training : { recipe, options: {} }
}

/** Folders come as handles of their own; among the other options a path would reach what nobody was given. */
function refuseHiddenFolders(kind: DatasetKindId, options: object): void {
  const hidden = foldersOf(kind).find(({ key }) => key in options)
  if (!hidden) return
  throw refuse('option-invalid', `${hidden.label} is no option of this kind.`, 'Choose the folder itself.')
}

/**
 * Points a project at other pictures. How they are dealt stays as it was unless the options say otherwise; a recipe that
 * cannot learn from the kind gives way to one that can.
 * @param folders by option key, for the options that are folders
 * @throws Refused `option-unknown`, `option-invalid`
 */
export async function setDataset(
  folder: string,
  { kind, folders, options }: { kind: DatasetKindId; folders: Record<string, string>; options: object },
): Promise<OpenedProject> {
  refuseHiddenFolders(kind, options)
  return changeProject(folder, (project) => {
    const before = Object.entries(project.dataset?.options ?? {})
    const kept = Object.fromEntries(before.filter(([key]) => dealing.includes(key)))
    const dataset = settle({ kind, options: { ...kept, ...options, ...folders } }, resolve(folder))
    return { ...project, dataset, training: fittingTraining(project.training, kind) }
  })
}

/** Changes what `train` uses when nothing else is said. @throws Refused `option-unknown`, `option-invalid` */
export async function setTraining(folder: string, training: TrainingSettings): Promise<OpenedProject> {
  const settings = trainingSettings.parse(training)
  parseOptions(recipes[settings.recipe].options, settings.options)
  return changeProject(folder, (project) => ({ ...project, training: settings }))
}

/** A file name made from a project's name: letters and digits of any language, words joined by dashes. */
export function slugOf(name: string): string {
  const words =
    name
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return words.join('-').slice(0, 60) || 'model'
}
