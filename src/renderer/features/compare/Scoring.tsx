import { Gauge, Square } from 'lucide-react'
import { useStore } from 'zustand'
import type { Refusal } from '../../../core/errors.ts'
import { Button } from '../../components/Button.tsx'
import { Progress, RefusalNote } from '../../components/States.tsx'
import { formatAmount, formatCount, formatTimeLeft, withoutFlags } from '../../format.ts'
import { jobsStore, liveJobOfRun, stopJob } from '../../stores/jobs.ts'
import type { Job } from '../../stores/jobs.ts'
import { runsStore, scoreStates } from '../../stores/runs.ts'
import { shellStore } from '../../stores/shell.ts'
import { useBusyWords } from '../frame/busy.ts'

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

/** Stopped by the person is no failure. */
function Ended({ refusal }: { refusal: Refusal }) {
  return refusal.code === 'stopped' ? (
    <p className="section-words">
      {refusal.message} {withoutFlags(refusal.remedy)}
    </p>
  ) : (
    <RefusalNote refusal={refusal} />
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
  const busy = useBusyWords('evaluate')
  const isMine = scoring?.split === split
  if (job && isMine) return <Working job={job} />
  const start = () => void (project && scoreStates(project.folder, run, split, steps))
  return (
    <>
      {isMine && scoring.refusal ? <Ended refusal={scoring.refusal} /> : null}
      <Button variant={variant} icon={Gauge} onPress={start} isDisabled={busy !== null || job !== undefined}>
        {children}
      </Button>
      {busy ? <p className="section-note">{busy}</p> : null}
    </>
  )
}
