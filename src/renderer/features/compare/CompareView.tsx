import { Columns2 } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { recipes } from '../../../core/recipes/index.ts'
import { Button } from '../../components/Button.tsx'
import { EmptyState, RefusalNote, Skeleton, SkeletonLines } from '../../components/States.tsx'
import { MiddleBar, Workspace } from '../../components/Workspace.tsx'
import { formatCount } from '../../format.ts'
import { valueOf } from '../../stores/loadable.ts'
import { listRuns, readRun, runsStore } from '../../stores/runs.ts'
import { goTo, shellStore } from '../../stores/shell.ts'
import { rowsOf, shownStates, statesStore } from '../../stores/states.ts'
import type { RunView } from '../../stores/states.ts'
import { AgainstChoice, ComparedPictures } from './ComparedPictures.tsx'
import { CompareList } from './CompareList.tsx'
import { StatesInspector } from './StatesInspector.tsx'
import { StateTable } from './StateTable.tsx'

/** The run that was chosen here, else the one that Train shows, else the newest; read when it is not known yet. */
function useComparedRun(): string | null {
  const project = useStore(shellStore, (state) => state.project)
  const list = useStore(runsStore, (state) => valueOf(state.list))
  const shownInTrain = useStore(runsStore, (state) => state.selected)
  const chosen = useStore(statesStore, (state) => state.run)
  const run = chosen ?? shownInTrain ?? list?.[0]?.run ?? null
  const isKnown = useStore(runsStore, (state) => run !== null && state.details[run] !== undefined)
  useEffect(() => {
    if (project && run && !isKnown) void readRun(project.folder, run)
  }, [project, run, isKnown])
  return run
}

function NothingYet() {
  return (
    <EmptyState
      icon={Columns2}
      title="Nothing to compare yet"
      action={<Button onPress={() => goTo('train')}>Go to Train</Button>}
    >
      A run saves its state now and then. Here its saved states are scored on pictures that none of them
      learned from, compared by eye, and the best one is picked.
    </EmptyState>
  )
}

function NoStates({ view }: { view: RunView }) {
  const every = view.config.options['checkpointEvery']
  return (
    <EmptyState icon={Columns2} title="No saved state yet">
      {typeof every === 'number'
        ? `This run saves its state every ${formatCount(every)} steps. The first appears here as soon as it is saved.`
        : 'The first appears here as soon as it is saved.'}
    </EmptyState>
  )
}

function Loading() {
  return (
    <div className="compare-loading" role="status" aria-label="Reading the run">
      <Skeleton />
      <SkeletonLines count={4} />
    </div>
  )
}

/** Why there is nothing to look at; null when there is. */
function useObstacle(run: string | null): 'loading' | 'none' | 'failed' | null {
  const list = useStore(runsStore, (state) => state.list)
  const details = useStore(runsStore, (state) => (run ? state.details[run] : undefined))
  if (list.status === 'failed' || details?.status === 'failed') return 'failed'
  if (list.status !== 'ready') return 'loading'
  if (run === null) return 'none'
  return details?.status === 'ready' ? null : 'loading'
}

function Failed({ run }: { run: string | null }) {
  const project = useStore(shellStore, (state) => state.project)
  const list = useStore(runsStore, (state) => state.list)
  const details = useStore(runsStore, (state) => (run ? state.details[run] : undefined))
  const failed = list.status === 'failed' ? list : details?.status === 'failed' ? details : null
  if (!failed || !project) return null
  const again = () => {
    void listRuns(project.folder)
    if (run) void readRun(project.folder, run)
  }
  return (
    <div className="middle-note">
      <RefusalNote refusal={failed.refusal} action={<Button onPress={again}>Read the run again</Button>} />
    </div>
  )
}

const noRows: ReturnType<typeof rowsOf> = []

/** Which of a run's saved states is the best: by figures on the same hold-out, and by eye. */
export function CompareView() {
  const run = useComparedRun()
  const view = useStore(runsStore, (state) =>
    run ? valueOf(state.details[run] ?? { status: 'idle' }) : null,
  )
  const samples = useStore(runsStore, (state) => (run ? state.progress[run]?.samples : undefined)) ?? []
  const chosen = useStore(statesStore)
  const rows = useMemo(() => (view ? rowsOf(view) : noRows), [view])
  const obstacle = useObstacle(run)
  const modelStep = view?.modelStep ?? null
  const { left, right } = shownStates(rows, modelStep, chosen)
  const recipe = recipes[view?.config.recipe ?? 'pix2pix']
  const hasStates = obstacle === null && rows.length > 0
  return (
    <Workspace
      title="Compare"
      leftLabel="Runs and pictures"
      left={<CompareList run={run} right={right} made={recipe.made} />}
      rightLabel="Inspector"
      right={
        view && obstacle === null ? (
          <StatesInspector key={run} view={view} rows={rows} right={right} />
        ) : obstacle === 'loading' ? (
          <SkeletonLines count={6} />
        ) : (
          <p className="panel-words">Saved states and their scores are told here.</p>
        )
      }
    >
      <MiddleBar>
        {hasStates ? (
          <>
            <AgainstChoice recipe={recipe} />
            <span className="bar-note">
              {right === null ? '' : `Step ${formatCount(right)} on the right`}
            </span>
          </>
        ) : null}
      </MiddleBar>
      {obstacle === 'failed' ? <Failed run={run} /> : null}
      {obstacle === 'loading' ? <Loading /> : null}
      {obstacle === 'none' ? <NothingYet /> : null}
      {obstacle === null && view && !hasStates ? <NoStates view={view} /> : null}
      {hasStates ? (
        <div className="compare-middle">
          <ComparedPictures samples={samples} recipe={recipe} left={left} right={right} />
          <StateTable rows={rows} modelStep={modelStep} left={left} right={right} />
        </div>
      ) : null}
    </Workspace>
  )
}
