import { Pause, Play, Square } from 'lucide-react'
import { useStore } from 'zustand'
import { IconButton } from '../../components/Button.tsx'
import { Progress } from '../../components/States.tsx'
import { formatCount, formatTimeLeft } from '../../format.ts'
import { continueJob, isLive, jobsStore, pauseJob, stopJob } from '../../stores/jobs.ts'
import type { Job } from '../../stores/jobs.ts'
import { openRun } from '../../stores/runs.ts'
import { compareRun } from '../../stores/states.ts'
import { goTo, shellStore } from '../../stores/shell.ts'
import { openSweep, sweepsStore } from '../../stores/sweeps.ts'
import type { Place } from '../../stores/shell.ts'

const titles: Record<Job['kind'], string> = {
  train: 'Training',
  translate: 'Translating',
  generate: 'Making a data set',
  report: 'Scoring the test pairs of',
  evaluate: 'Scoring the saved states of',
  plan: 'Measuring how long training takes',
  sweep: 'Trying several settings, now',
  judge: 'Asking the judge of',
}
const placeOf: Record<Job['kind'], Place> = {
  train: 'train',
  translate: 'translate',
  generate: 'generate',
  report: 'train',
  evaluate: 'compare',
  plan: 'train',
  sweep: 'train',
  judge: 'train',
}
/** What is counted while it runs. */
const units: Record<Job['kind'], string> = {
  train: 'steps',
  translate: 'pictures',
  generate: 'pictures',
  report: 'pictures',
  evaluate: 'pictures',
  plan: 'measurements',
  sweep: 'steps',
  judge: 'pictures',
}

export function jobTitle({ kind, run }: Job): string {
  return run ? `${titles[kind]} ${run}` : titles[kind]
}

function progressWords({ kind, done, total, unit = units[kind] }: Job): string {
  if (total === 0) return 'starting'
  if (kind === 'train') return `step ${formatCount(done)} of ${formatCount(total)}`
  return `${formatCount(Math.floor(done))} of ${formatCount(total)} ${unit}`
}

function stateWords(job: Job): string {
  if (job.state === 'paused') return 'paused'
  if (job.state === 'stopping') return 'saving, then stopping'
  const tellsNoTime = (job.kind === 'report' || job.kind === 'plan') && job.secondsLeft === null
  return job.total === 0 || tellsNoTime ? '' : formatTimeLeft(job.secondsLeft)
}

function JobLine({ job }: { job: Job }) {
  const project = useStore(shellStore, (state) => state.project)
  const show = () => {
    goTo(placeOf[job.kind])
    if (job.kind === 'evaluate' && job.run) compareRun(job.run)
    else if (job.kind === 'sweep') openSweep(sweepsStore.getState().live?.sweep ?? null)
    else if (job.run && project) void openRun(project.folder, job.run)
  }
  const title = jobTitle(job)
  return (
    <div className="job" role="group" aria-label={title}>
      <button type="button" className="job-title" onClick={show}>
        {title}
      </button>
      <span className="job-words">{progressWords(job)}</span>
      <Progress
        label={title}
        done={job.done}
        total={job.total}
        words={progressWords(job)}
        tone={job.state === 'paused' ? 'quiet' : 'accent'}
      />
      <span className="job-words">{stateWords(job)}</span>
      {job.kind === 'train' && job.state === 'running' ? (
        <IconButton label={`Pause ${title}`} icon={Pause} onPress={() => void pauseJob(job.job)} />
      ) : null}
      {job.kind === 'train' && job.state === 'paused' ? (
        <IconButton label={`Continue ${title}`} icon={Play} onPress={() => void continueJob(job.job)} />
      ) : null}
      <IconButton
        label={`Stop ${title}`}
        icon={Square}
        onPress={() => void stopJob(job.job)}
        isDisabled={job.state === 'stopping'}
      />
    </div>
  )
}

/** What is running, always in the same place. */
export function JobBar() {
  const jobs = useStore(jobsStore, (state) => state.jobs)
  const live = Object.values(jobs).filter(isLive)
  return (
    <footer className="job-bar" aria-label="What is running">
      {live.length === 0 ? <span className="job-none">Nothing is running</span> : null}
      {live.map((job) => (
        <JobLine key={job.job} job={job} />
      ))}
    </footer>
  )
}
