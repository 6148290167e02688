import { Gauge, Square } from 'lucide-react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { Progress, RefusalNote } from '../../components/States.tsx'
import { formatAmount, formatCount, formatTimeLeft } from '../../format.ts'
import { isLive, jobsStore, liveJobOfRun, stopJob } from '../../stores/jobs.ts'
import type { Job } from '../../stores/jobs.ts'
import { runsStore, scoreStates } from '../../stores/runs.ts'
import { shellStore } from '../../stores/shell.ts'

/** What else computes, in a sentence; null when the engine is free. A paused training makes room. */
function useBusyWords(): string | null {
  const isReady = useStore(shellStore, ({ engine }) => engine === null || engine.state === 'ready')
  const others = useStore(jobsStore, ({ jobs }) =>
    Object.values(jobs).find((job) => isLive(job) && job.state !== 'paused' && job.kind !== 'evaluate'),
  )
  if (!isReady) return 'The engine is not running.'
  if (!others) return null
  return others.kind === 'train'
    ? 'A training is running: pause it to score.'
    : 'Something else is running: wait until it is done.'
}

function Working({ job }: { job: Job }) {
  const words =
    job.total === 0
      ? 'Getting ready'
      : `${formatCount(Math.floor(job.done))} of ${formatAmount(job.total, 'picture')}, ${formatTimeLeft(job.secondsLeft)}`
  return (
    <>
      <Progress label="Scoring" done={job.done} total={job.total} words={words} />
      <p className="section-words">{words}</p>
      <Button icon={Square} onPress={() => void stopJob(job.job)} isDisabled={job.state === 'stopping'}>
        {job.state === 'stopping' ? 'Stopping' : 'Stop scoring'}
      </Button>
    </>
  )
}

type ScoringProps = {
  run: string
  split: 'val' | 'test'
  /** null: all saved states. */
  steps: number[] | null
  variant: 'primary' | 'secondary'
  children: string
}

/** Starts scoring and follows it: how far, how long, and how to stop. */
export function Scoring({ run, split, steps, variant, children }: ScoringProps) {
  const project = useStore(shellStore, (state) => state.project)
  const scoring = useStore(runsStore, (state) => state.scorings[run])
  const job = useStore(jobsStore, ({ jobs }) => liveJobOfRun(jobs, run, 'evaluate'))
  const busy = useBusyWords()
  const isMine = scoring?.split === split
  if (job && isMine) return <Working job={job} />
  const start = () => void (project && scoreStates(project.folder, run, split, steps))
  return (
    <>
      {isMine && scoring.refusal ? <RefusalNote refusal={scoring.refusal} /> : null}
      <Button variant={variant} icon={Gauge} onPress={start} isDisabled={busy !== null || job !== undefined}>
        {children}
      </Button>
      {busy ? <p className="section-note">{busy}</p> : null}
    </>
  )
}
