import { Check } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import type { Measurement } from '../../../core/evaluation/events.ts'
import { metrics } from '../../../core/evaluation/metrics.ts'
import type { MetricId } from '../../../core/evaluation/metrics.ts'
import { Button } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { Facts, Section } from '../../components/States.tsx'
import { formatAmount, formatCount } from '../../format.ts'
import { jobsStore, liveJobOfRun } from '../../stores/jobs.ts'
import { shellStore } from '../../stores/shell.ts'
import { bestOf, columnsOf, finalScores, pickState, tiedWith, untoldOf } from '../../stores/states.ts'
import type { RunView, StateRow } from '../../stores/states.ts'
import { betterWords, figureWords, sureWords } from './measureWords.ts'
import { Scoring } from './Scoring.tsx'

/** Each figure with what it rests on. */
function Measures({ measured }: { measured: readonly Measurement[] }) {
  return (
    <dl className="measures">
      {measured.map((one) => (
        <div key={one.metric}>
          <dt title={metrics[one.metric].help}>
            {metrics[one.metric].label}
            <span className="measure-note">{metrics[one.metric].term}</span>
          </dt>
          <dd>
            {one.value === null ? 'not told' : figureWords(one.metric, one.value)}
            <span className="measure-note">{one.value === null ? '' : sureWords(one)}</span>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** A training that runs keeps its states to itself: the engine does one thing at a time. */
function usePick(run: string): { pick: (step: number) => void; isBlocked: boolean } {
  const project = useStore(shellStore, (state) => state.project)
  const isTraining = useStore(jobsStore, ({ jobs }) => liveJobOfRun(jobs, run)?.state === 'running')
  return {
    pick: (step) => void (project && pickState(project.folder, run, step)),
    isBlocked: isTraining,
  }
}

function PickBest({
  run,
  rows,
  modelStep,
}: {
  run: string
  rows: readonly StateRow[]
  modelStep: number | null
}) {
  const columns = columnsOf(rows)
  const [wanted, setWanted] = useState<MetricId | null>(null)
  const { pick, isBlocked } = usePick(run)
  const metric = columns.find((id) => id === wanted) ?? columns[0]
  const best = metric ? bestOf(rows, metric) : null
  if (!metric || !best) return null
  const tied = tiedWith(rows, best, metric).length
  return (
    <Section title="Pick the best by">
      <Choice
        label="Pick the best by"
        items={columns.map((id) => ({
          id,
          label: metrics[id].label,
          detail: `${metrics[id].term}, ${betterWords[metrics[id].better]}`,
        }))}
        value={metric}
        onChange={(id) => setWanted(columns.find((known) => known === id) ?? null)}
      />
      {tied > 0 ? (
        <p className="section-note">
          {formatAmount(tied, 'other state')} {tied === 1 ? 'lies' : 'lie'} within its interval: this figure
          does not tell them apart. Look at the pictures.
        </p>
      ) : null}
      <Button icon={Check} onPress={() => pick(best.step)} isDisabled={isBlocked || best.step === modelStep}>
        {best.step === modelStep
          ? `Step ${formatCount(best.step)} is in use`
          : `Pick step ${formatCount(best.step)}`}
      </Button>
    </Section>
  )
}

function ShownState({ run, row, modelStep }: { run: string; row: StateRow; modelStep: number | null }) {
  const { pick, isBlocked } = usePick(run)
  const measured = Object.values(row.measurements)
  const isUsed = row.step === modelStep
  return (
    <Section
      title={`Step ${formatCount(row.step)}`}
      aside={isUsed ? <span className="badge">In use</span> : null}
    >
      {measured.length > 0 ? (
        <Measures measured={measured.filter(({ value }) => value !== null)} />
      ) : (
        <p className="section-words">Not scored yet.</p>
      )}
      {isUsed ? (
        <p className="section-words">Translating uses this state.</p>
      ) : (
        <Button
          variant="primary"
          icon={Check}
          onPress={() => pick(row.step)}
          isDisabled={isBlocked || !row.isSaved}
        >
          Pick this one
        </Button>
      )}
      {isBlocked ? <p className="section-note">Pause the training to pick a state.</p> : null}
    </Section>
  )
}

function Summary({ run, view, rows }: { run: string; view: RunView; rows: readonly StateRow[] }) {
  const isScored = ({ measurements }: StateRow) => Object.keys(measurements).length > 0
  const saved = rows.filter((row) => row.isSaved)
  const left = saved.filter((row) => !isScored(row)).length
  return (
    <Section title={run}>
      <Facts
        facts={[
          ['Saved states', formatCount(saved.length)],
          ['Scored', formatCount(rows.filter(isScored).length)],
          ['In use', view.modelStep === null ? 'none yet' : `step ${formatCount(view.modelStep)}`],
        ]}
      />
      <p className="section-words">
        All states are scored on the same validation pictures, which none of them learned from. Choose by
        these.
      </p>
      <Scoring run={run} split="val" steps={null} variant={left > 0 ? 'primary' : 'secondary'}>
        {left > 0 ? 'Score the saved states' : 'Score again'}
      </Scoring>
    </Section>
  )
}

function FinalScore({ run, view }: { run: string; view: RunView }) {
  if (view.modelStep === null) return null
  const scores = finalScores(view)
  return (
    <Section title="Final score">
      <p className="section-words">
        The test pictures took no part in learning or in choosing. Score the state in use on them once, when
        you have chosen: whoever chooses by them gets a score that is too good.
      </p>
      {scores.length > 0 ? <Measures measured={scores.filter(({ value }) => value !== null)} /> : null}
      <Scoring run={run} split="test" steps={[view.modelStep]} variant="secondary">
        {scores.length > 0 ? 'Score it again' : 'Score it on the test pictures'}
      </Scoring>
    </Section>
  )
}

function Untold({ rows }: { rows: readonly StateRow[] }) {
  const untold = untoldOf(rows)
  if (untold.length === 0) return null
  return (
    <Section title="Not told">
      <dl className="untold">
        {untold.map(({ metric, note }) => (
          <div key={metric}>
            <dt>{metrics[metric].term}</dt>
            <dd>{note}</dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

type StatesInspectorProps = { view: RunView; rows: readonly StateRow[]; right: number | null }

/** Scoring, the state in sight, and which one is used. */
export function StatesInspector({ view, rows, right }: StatesInspectorProps) {
  const run = view.summary.run
  const row = rows.find(({ step }) => step === right)
  return (
    <div className="panel-scroll">
      <Summary run={run} view={view} rows={rows} />
      {row ? <ShownState run={run} row={row} modelStep={view.modelStep} /> : null}
      <PickBest run={run} rows={rows} modelStep={view.modelStep} />
      <FinalScore run={run} view={view} />
      <Untold rows={rows} />
    </div>
  )
}
