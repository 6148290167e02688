import type { WindowEvent } from '../../core/contract/index.ts'
import { listen } from '../bridge.ts'
import { jobsStore, reduceJobs } from './jobs.ts'
import { judgingStore, reduceJudging } from './judging.ts'
import { notifyRefusal } from './notices.ts'
import { planningStore, reducePlanning } from './planning.ts'
import { listRuns, readRun, reduceRuns, runsStore } from './runs.ts'
import { generateStore, reduceGenerate } from './generate.ts'
import { reduceShell, shellStore } from './shell.ts'
import { openProject } from './start.ts'
import { listSweeps, reduceSweeps, sweepsStore, withRunsOfSweeps } from './sweeps.ts'
import { listModels, reduceTranslate, translateStore } from './translate.ts'

/** Events of fast steps are gathered this long, so that a burst costs one render and a click is answered at once. */
const GATHER_MS = 60

/** After these a run's folder holds more than its events say: its settings, its saved states, its model. */
const rereadAfter = new Set(['run-started', 'checkpoint', 'done', 'stopped', 'failed'])

/** What has changed on disk is read again: a finished run has a model, a crashed engine left saved states. */
function readAgain(told: readonly WindowEvent[]): void {
  const events = withRunsOfSweeps(told)
  const { project } = shellStore.getState()
  if (!project) return
  const changedList = events.some(
    (event) =>
      event.kind === 'train' && ['run-started', 'done', 'stopped', 'failed'].includes(event.event.type),
  )
  const recovered = events.some((event) => event.kind === 'engine' && event.status.state === 'ready')
  if (changedList || recovered) void listRuns(project.folder)
  if (recovered) void listSweeps(project.folder)
  const { selected, details } = runsStore.getState()
  const changed = events.flatMap((event) =>
    event.kind === 'train' && rereadAfter.has(event.event.type) ? [event.event.run] : [],
  )
  for (const run of new Set(changed)) if (run === selected || details[run]) void readRun(project.folder, run)
  if (events.some((event) => event.kind === 'train' && event.event.type === 'done'))
    void listModels(project.folder)
}

function applyEvents(events: readonly WindowEvent[]): void {
  jobsStore.setState(({ jobs }) => ({ jobs: events.reduce(reduceJobs, jobs) }))
  runsStore.setState((state) => reduceRuns(state, withRunsOfSweeps(events)))
  translateStore.setState((state) => reduceTranslate(state, events))
  generateStore.setState((state) => reduceGenerate(state, events))
  sweepsStore.setState((state) => reduceSweeps(state, events))
  judgingStore.setState((state) => reduceJudging(state, events))
  planningStore.setState((state) => reducePlanning(state, events))
  events.forEach(reduceShell)
  for (const event of events) if (event.kind === 'open-project') void openProject(event.folder)
  readAgain(events)
}

/** Lets every event into the stores. Returns how to stop. */
export function followEvents(): () => void {
  let gathered: WindowEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    const events = gathered
    gathered = []
    timer = undefined
    applyEvents(events)
  }
  const stop = listen((event) => {
    gathered.push(event)
    timer ??= setTimeout(flush, GATHER_MS)
  }, notifyRefusal)
  return () => {
    clearTimeout(timer)
    stop()
  }
}
