import { useStore } from 'zustand'
import { Progress } from '../../components/States.tsx'
import { formatCount, formatTimeLeft } from '../../format.ts'
import { generateStore } from '../../stores/generate.ts'
import { isLive, jobsStore } from '../../stores/jobs.ts'
import type { Job } from '../../stores/jobs.ts'

/** The work on the set, while it goes on. */
export function useLiveJob(): Job | null {
  const id = useStore(generateStore, ({ job }) => job)
  const job = useStore(jobsStore, ({ jobs }) => (id === null ? undefined : jobs[id]))
  return job && isLive(job) ? job : null
}

type SetProgressProps = {
  title: string
  done: number
  total: number
  unit: string
  secondsLeft: number | null
}

/** Stands in the middle while there is nothing to look at yet. */
export function SetProgress({ title, done, total, unit, secondsLeft }: SetProgressProps) {
  const words = total > 0 ? `${formatCount(done)} of ${formatCount(total)} ${unit}` : 'Opening the model'
  return (
    <div className="set-progress" role="status">
      <h2>{title}</h2>
      <Progress label={title} done={done} total={total} words={words} />
      <p>
        {words}
        {secondsLeft === null ? '' : `, ${formatTimeLeft(secondsLeft)}`}
      </p>
    </div>
  )
}

/** The set is under way. */
export function Making({ job: { done, total, unit, secondsLeft } }: { job: Job }) {
  const title = unit === undefined ? 'Making the pictures' : 'Learning what the judge takes least for real'
  return (
    <SetProgress
      title={title}
      done={done}
      total={total}
      unit={unit ?? 'pictures'}
      secondsLeft={secondsLeft}
    />
  )
}
