import { GraduationCap } from 'lucide-react'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { Sweep } from '../../../core/sweeps/sweep.ts'
import { Button } from '../../components/Button.tsx'
import { EmptyState, RefusalNote, Skeleton } from '../../components/States.tsx'
import { MiddleBar, Workspace } from '../../components/Workspace.tsx'
import { valueOf } from '../../stores/loadable.ts'
import { openRun, runsStore } from '../../stores/runs.ts'
import { goTo, shellStore } from '../../stores/shell.ts'
import { sweepsStore } from '../../stores/sweeps.ts'
import { NewRunInspector } from './NewRunInspector.tsx'
import { RunInspector } from './RunInspector.tsx'
import { RunList } from './RunList.tsx'
import { RunMiddle } from './RunMiddle.tsx'
import { SweepInspector } from './sweep/SweepInspector.tsx'
import { SweepTable } from './sweep/SweepTable.tsx'

/** Opens the newest run once, so that the place is not empty while there is something to see; not over a sweep's table. */
function useFirstRun(): void {
  const project = useStore(shellStore, (state) => state.project)
  const list = useStore(runsStore, (state) => state.list)
  const untouched = useStore(runsStore, (state) => Object.keys(state.details).length === 0 && !state.selected)
  const sweep = useStore(sweepsStore, (state) => state.selected)
  const newest = valueOf(list)?.[0]?.run
  useEffect(() => {
    if (project && newest && untouched && sweep === null) void openRun(project.folder, newest)
  }, [project, newest, untouched, sweep])
}

function Middle() {
  const project = useStore(shellStore, (state) => state.project)
  const selected = useStore(runsStore, (state) => state.selected)
  const details = useStore(runsStore, (state) => (selected ? state.details[selected] : undefined))
  const progress = useStore(runsStore, (state) => (selected ? state.progress[selected] : undefined))
  if (!selected)
    return (
      <EmptyState
        icon={GraduationCap}
        title="A new run"
        action={
          project?.project.dataset === null ? (
            <Button onPress={() => goTo('data')}>Choose the data first</Button>
          ) : null
        }
      >
        While it trains, held-out pictures that the model never learns from appear here as they get better,
        with its losses below. Choose how long and how large on the right, then start.
      </EmptyState>
    )
  if (progress) return <RunMiddle progress={progress} />
  if (details?.status === 'failed')
    return (
      <div className="middle-note">
        <RefusalNote
          refusal={details.refusal}
          action={
            <Button onPress={() => void (project && openRun(project.folder, selected))}>
              Read the run again
            </Button>
          }
        />
      </div>
    )
  return (
    <div className="gallery-skeleton" role="status" aria-label="Reading the run">
      {Array.from({ length: 6 }, (_, index) => (
        <Skeleton key={index} />
      ))}
    </div>
  )
}

/** The sweep that is shown: where no run is. */
function useShownSweep(): Sweep | null {
  const run = useStore(runsStore, (state) => state.selected)
  const selected = useStore(sweepsStore, (state) => state.selected)
  const list = useStore(sweepsStore, (state) => valueOf(state.list))
  return run === null ? (list?.sweeps.find(({ sweep }) => sweep === selected) ?? null) : null
}

function Right({ sweep }: { sweep: Sweep | null }) {
  const run = useStore(runsStore, (state) => state.selected)
  if (run) return <RunInspector key={run} run={run} />
  return sweep ? <SweepInspector sweep={sweep} /> : <NewRunInspector />
}

/** From settings to a model: the run on the left, its pictures and losses in the middle, its settings on the right. */
export function TrainView() {
  const selected = useStore(runsStore, (state) => state.selected)
  const sweep = useShownSweep()
  const isLive = useStore(sweepsStore, ({ live }) => live !== null && live.sweep === sweep?.sweep)
  useFirstRun()
  return (
    <Workspace
      title="Train"
      leftLabel="Runs"
      left={<RunList />}
      rightLabel="Inspector"
      right={<Right sweep={sweep} />}
    >
      {selected ? null : (
        <MiddleBar>{sweep ? <span className="bar-title">{sweep.sweep}</span> : null}</MiddleBar>
      )}
      {sweep ? <SweepTable sweep={sweep} isLive={isLive} /> : <Middle />}
    </Workspace>
  )
}
