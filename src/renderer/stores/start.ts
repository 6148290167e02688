import { createStore } from 'zustand/vanilla'
import type { WindowReply, WindowViews } from '../../core/contract/index.ts'
import type { FileHandle } from '../../core/files.ts'
import { ask } from '../bridge.ts'
import { trainingOf } from './choosing.ts'
import type { DataChoice } from './choosing.ts'
import { resetData, scanData } from './data.ts'
import { idle, load } from './loadable.ts'
import type { Loadable } from './loadable.ts'
import { attempt } from './notices.ts'
import { resetJudging } from './judging.ts'
import { resetPlanning } from './planning.ts'
import { listRuns, resetRuns } from './runs.ts'
import { goTo, shellStore } from './shell.ts'
import { resetStates } from './states.ts'
import type { ProjectView } from './shell.ts'
import { resetSweepForm } from './sweepForm.ts'
import { listSweeps, resetSweeps } from './sweeps.ts'
import { resetTraining } from './training.ts'
import { chooseModel, listModels, setInputs, translateAll } from './translate.ts'

export type Recent = WindowReply<'recent:list'>[number]

type StartState = {
  recent: Loadable<readonly Recent[]>
  samples: Loadable<readonly WindowViews['sample'][]>
  photos: Loadable<readonly WindowViews['photo'][]>
}

export const startStore = createStore<StartState>(() => ({ recent: idle, samples: idle, photos: idle }))

export function loadStart(): void {
  void load(
    () => ask('recent:list', {}),
    (recent) => startStore.setState({ recent }),
  )
  void load(
    () => ask('sample:list', {}),
    (samples) => startStore.setState({ samples }),
  )
  void load(
    () => ask('photo:list', {}),
    (photos) => startStore.setState({ photos }),
  )
  void listModels(null)
}

function enterProject(project: ProjectView): void {
  resetData()
  resetRuns()
  resetStates()
  resetPlanning()
  resetSweeps()
  resetSweepForm()
  resetJudging()
  resetTraining(project.project.training)
  shellStore.setState({ project, place: 'data' })
  void scanData(project.folder)
  void listRuns(project.folder)
  void listSweeps(project.folder)
  void listModels(project.folder)
}

/** Runs what opens a project, and shows that it is being opened. */
async function opening(work: () => Promise<ProjectView | null>): Promise<void> {
  shellStore.setState({ opening: true })
  await attempt(async () => {
    const project = await work()
    if (project) enterProject(project)
  })
  shellStore.setState({ opening: false })
}

export function openProject(folder: FileHandle): Promise<void> {
  return opening(() => ask('project:open', { folder }))
}

export function chooseProject(): Promise<void> {
  return opening(async () => {
    const folder = await ask('dialog:chooseFolder', { purpose: 'open-project' })
    return folder ? ask('project:open', { folder }) : null
  })
}

export function openSample(sample: { id: string; name: string }): Promise<void> {
  return opening(async () => {
    const folder = await ask('folder:forProject', { name: sample.name })
    return ask('project:create', { folder, name: sample.name, sample: sample.id })
  })
}

async function giveData(project: ProjectView, choice: DataChoice): Promise<ProjectView> {
  const { kind, folders, options } = choice
  const training = trainingOf(choice)
  const given = await ask('project:setDataset', { project: project.folder, kind, folders, options })
  return training ? ask('project:setTraining', { project: given.folder, training }) : given
}

export function createFromData(name: string, choice: DataChoice): Promise<void> {
  return opening(async () => {
    const folder = await ask('folder:forProject', { name })
    return giveData(await ask('project:create', { folder, name, sample: null }), choice)
  })
}

export function changeData(choice: DataChoice): Promise<void> {
  const { project } = shellStore.getState()
  if (!project) return Promise.resolve()
  return opening(() => giveData(project, choice))
}

export function closeProject(): void {
  shellStore.setState({ project: null, place: 'start' })
  loadStart()
}

export async function forgetRecent(folder: FileHandle): Promise<void> {
  await attempt(async () => {
    await ask('recent:forget', { folder })
  })
  void load(
    () => ask('recent:list', {}),
    (recent) => startStore.setState({ recent }),
  )
}

/** The first minute: one photograph, one starter model, a result to slide over. */
export async function tryModel(model: string | null, photos: readonly FileHandle[]): Promise<void> {
  if (photos.length === 0) return
  if (model) chooseModel(model)
  goTo('translate')
  await setInputs(photos)
  await translateAll()
}

export function chooseAndTry(model: string | null): Promise<void> {
  return attempt(async () => tryModel(model, await ask('dialog:choosePictures', {})))
}
