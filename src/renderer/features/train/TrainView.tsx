import { GraduationCap } from 'lucide-react'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { EmptyState, RefusalNote, Skeleton } from '../../components/States.tsx'
import { MiddleBar, Workspace } from '../../components/Workspace.tsx'
import { valueOf } from '../../stores/loadable.ts'
import { openRun, runsStore } from '../../stores/runs.ts'
import { goTo, shellStore } from '../../stores/shell.ts'
import { NewRunInspector } from './NewRunInspector.tsx'
import { RunInspector } from './RunInspector.tsx'
import { RunList } from './RunList.tsx'
import { RunMiddle } from './RunMiddle.tsx'

/** Opens the newest run once, so that the place is not empty while there is something to see. */
function useFirstRun(): void {
  const project = useStore(shellStore, (state) => state.project)
  const list = useStore(runsStore, (state) => state.list)
  const untouched = useStore(runsStore, (state) => Object.keys(state.details).length === 0 && !state.selected)
  const newest = valueOf(list)?.[0]?.run
  useEffect(() => {
    if (project && newest && untouched) void openRun(project.folder, newest)
  }, [project, newest, untouched])
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

/** From settings to a model: the run on the left, its pictures and losses in the middle, its settings on the right. */
export function TrainView() {
  const selected = useStore(runsStore, (state) => state.selected)
  useFirstRun()
  return (
    <Workspace
      title="Train"
      leftLabel="Runs"
      left={<RunList />}
      rightLabel="Inspector"
      right={selected ? <RunInspector key={selected} run={selected} /> : <NewRunInspector />}
    >
      {selected ? null : <MiddleBar>{null}</MiddleBar>}
      <Middle />
    </Workspace>
  )
}
