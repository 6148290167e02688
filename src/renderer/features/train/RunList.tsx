import { Plus } from 'lucide-react'
import { useStore } from 'zustand'
import { recipes } from '../../../core/recipes/index.ts'
import type { RunSummary } from '../../../core/project/project.ts'
import { Button } from '../../components/Button.tsx'
import { PickList } from '../../components/PickList.tsx'
import { RefusalNote, Section, SkeletonLines } from '../../components/States.tsx'
import { formatCount, formatScore } from '../../format.ts'
import { valueOf } from '../../stores/loadable.ts'
import { jobsStore, liveJobOfRun } from '../../stores/jobs.ts'
import type { Jobs } from '../../stores/jobs.ts'
import { openRun, runsStore } from '../../stores/runs.ts'
import { shellStore } from '../../stores/shell.ts'
import { openSweep, sweepsStore } from '../../stores/sweeps.ts'
import { SweepList } from './sweep/SweepList.tsx'
import { runStateWords, stateOf } from './runState.ts'

const NBSP = '\u00a0'

function itemOf(summary: RunSummary, jobs: Jobs) {
  const state = stateOf(summary.state, liveJobOfRun(jobs, summary.run))
  const { step, steps, bestL1 } = summary
  const where = `${runStateWords[state]}, ${formatCount(step)} of ${formatCount(steps)}`
  return {
    id: summary.run,
    label: summary.run,
    // Where both do not fit on one line, it breaks between them.
    detail: bestL1 === null ? `${recipes[summary.recipe].label}, ${where.replaceAll(' ', NBSP)}` : where,
    lead: <span className={`state-dot state-${state}`} aria-hidden />,
    aside:
      bestL1 === null ? undefined : (
        <span title="Best distance to the true pictures (validation L1)">{formatScore(bestL1)}</span>
      ),
  }
}

export function RunList() {
  const project = useStore(shellStore, (state) => state.project)
  const list = useStore(runsStore, (state) => state.list)
  const selected = useStore(runsStore, (state) => state.selected)
  const sweep = useStore(sweepsStore, (state) => state.selected)
  const jobs = useStore(jobsStore, (state) => state.jobs)
  const hasScores = valueOf(list)?.some(({ bestL1 }) => bestL1 !== null) ?? false
  return (
    <>
      <div className="panel-head">
        <Button
          icon={Plus}
          wide
          onPress={() => openSweep(null)}
          isDisabled={selected === null && sweep === null}
        >
          New run
        </Button>
      </div>
      <div className="panel-scroll">
        <Section title="Runs" aside={hasScores ? <span className="section-note">best L1</span> : null}>
          {list.status === 'failed' ? <RefusalNote refusal={list.refusal} /> : null}
          {list.status === 'loading' ? <SkeletonLines count={3} /> : null}
          {list.status === 'ready' && list.value.length === 0 ? (
            <p className="section-words">No run yet.</p>
          ) : null}
          {list.status === 'ready' && list.value.length > 0 ? (
            <PickList
              label="Runs"
              items={list.value.map((summary) => itemOf(summary, jobs))}
              selected={selected}
              onSelect={(run) => void (project && openRun(project.folder, run))}
            />
          ) : null}
        </Section>
        <SweepList />
      </div>
    </>
  )
}
