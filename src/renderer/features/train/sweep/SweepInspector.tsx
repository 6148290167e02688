import { RotateCcw, Square } from 'lucide-react'
import { useStore } from 'zustand'
import { metrics } from '../../../../core/evaluation/metrics.ts'
import { recipes } from '../../../../core/recipes/index.ts'
import { ladderOfSweep } from '../../../../core/sweeps/settings.ts'
import { isFinished, standingsOf, stepsDone } from '../../../../core/sweeps/standing.ts'
import type { Sweep } from '../../../../core/sweeps/sweep.ts'
import { Button } from '../../../components/Button.tsx'
import { Facts, Progress, RefusalNote, Section } from '../../../components/States.tsx'
import { formatCount, formatSetting, formatTimeLeft } from '../../../format.ts'
import { jobsStore, stopJob } from '../../../stores/jobs.ts'
import { shellStore } from '../../../stores/shell.ts'
import { resumeSweep, sweepsStore } from '../../../stores/sweeps.ts'
import { useBusyWords } from '../../frame/busy.ts'
import { ladderWords, optionLabel, settingWords } from './sweepWords.ts'

function useJob(sweep: Sweep) {
  const live = useStore(sweepsStore, (state) => state.live)
  const job = useStore(jobsStore, ({ jobs }) => (live?.sweep === sweep.sweep ? jobs[live.job] : undefined))
  return job?.state === 'running' || job?.state === 'stopping' ? job : undefined
}

/** Stop it, or go on with it. */
function Controls({ sweep }: { sweep: Sweep }) {
  const project = useStore(shellStore, (state) => state.project)
  const asking = useStore(sweepsStore, (state) => state.asking)
  const job = useJob(sweep)
  const busy = useBusyWords(null)
  if (job)
    return (
      <Button icon={Square} onPress={() => void stopJob(job.job)} isDisabled={job.state === 'stopping'}>
        Stop
      </Button>
    )
  if (isFinished(sweep) || !project) return null
  return (
    <>
      <Button
        variant="primary"
        icon={RotateCcw}
        onPress={() => void resumeSweep(project.folder, sweep.sweep)}
        isDisabled={asking || busy !== null}
      >
        Resume
      </Button>
      {busy ? <p className="section-note">{busy}</p> : null}
    </>
  )
}

function State({ sweep }: { sweep: Sweep }) {
  const job = useJob(sweep)
  const { totalSteps } = ladderOfSweep(sweep)
  const done = job ? Math.max(job.done, stepsDone(sweep)) : stepsDone(sweep)
  const finished = isFinished(sweep)
  const words = job ? (job.state === 'stopping' ? 'Stopping' : 'Under way') : finished ? 'Done' : 'Stopped'
  const badge = job ? 'running' : finished ? 'done' : 'stopped'
  return (
    <Section title={sweep.sweep} aside={<span className={`state-badge state-${badge}`}>{words}</span>}>
      <Progress
        label={sweep.sweep}
        done={finished ? totalSteps : done}
        total={totalSteps}
        tone={job ? 'accent' : 'quiet'}
      />
      <Facts
        facts={[
          ['Steps of all', `${formatCount(done)} of ${formatCount(totalSteps)}`],
          ['Time left', job ? formatTimeLeft(job.secondsLeft).replace(/ left$/, '') : 'not running'],
          ['What decides', metrics[sweep.measure].term],
        ]}
      />
      <Controls sweep={sweep} />
    </Section>
  )
}

/** What a sweep does, how far it is, and who leads. */
export function SweepInspector({ sweep }: { sweep: Sweep }) {
  const refusal = useStore(sweepsStore, ({ failures }) => failures[sweep.sweep])
  const [leader] = standingsOf(sweep)
  const { training, vary } = sweep.request
  const { recipe, options } = training
  const common = Object.entries(options).filter(([key]) => vary.every(({ option }) => option !== key))
  return (
    <div className="panel-scroll">
      <State sweep={sweep} />
      {refusal ? <RefusalNote refusal={refusal} /> : null}
      <Section title={isFinished(sweep) ? 'The best' : 'Leading so far'}>
        <p className="section-words">
          {leader?.result ? settingWords(recipe, leader.trial.settings) : 'Nothing has been measured yet.'}
        </p>
      </Section>
      <Section title="Rounds">
        <p className="section-words">{ladderWords(ladderOfSweep(sweep))}.</p>
        <p className="section-note">
          Settings that go out keep their last saved state, so that any of them can still be trained further.
        </p>
      </Section>
      <Section title="All have in common">
        <Facts
          facts={[
            ['Recipe', recipes[recipe].label],
            ...common.map(([key, value]): [string, string] => [
              optionLabel(recipe, key),
              formatSetting(value),
            ]),
          ]}
        />
      </Section>
    </div>
  )
}
