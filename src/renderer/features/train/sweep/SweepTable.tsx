import { Star } from 'lucide-react'
import { useStore } from 'zustand'
import { metrics } from '../../../../core/evaluation/metrics.ts'
import { standingsOf } from '../../../../core/sweeps/standing.ts'
import type { Standing } from '../../../../core/sweeps/standing.ts'
import type { Sweep } from '../../../../core/sweeps/sweep.ts'
import { Button } from '../../../components/Button.tsx'
import { formatCount } from '../../../format.ts'
import { openRun, runsStore } from '../../../stores/runs.ts'
import { shellStore } from '../../../stores/shell.ts'
import { takeSetting } from '../../../stores/sweeps.ts'
import { optionLabel, resultWords, settingWords, stateWords, valueWords } from './sweepWords.ts'

type RowProps = { sweep: Sweep; standing: Standing; rank: number; isLive: boolean }

/** How far its run is: what it trains now, else what was measured last. */
function useStep({ trial, measuredStep, state }: Standing, isLive: boolean): number {
  const live = useStore(runsStore, ({ progress }) => (trial.run ? progress[trial.run]?.step : undefined))
  return state === 'next' && isLive ? Math.max(measuredStep, live ?? 0) : measuredStep
}

function RunCell({ run }: { run: string | null }) {
  const project = useStore(shellStore, (state) => state.project)
  if (run === null) return <td className="sweep-untold">not begun</td>
  return (
    <td>
      <Button
        variant="quiet"
        label={`Open ${run}`}
        onPress={() => void (project && openRun(project.folder, run))}
      >
        {run}
      </Button>
    </td>
  )
}

function Row({ sweep, standing, rank, isLive }: RowProps) {
  const { trial, result, state } = standing
  const { training, vary } = sweep.request
  const step = useStep(standing, isLive)
  const { value, sure } = resultWords(sweep.measure, result)
  return (
    <tr className={`sweep-row sweep-${state}`}>
      <td>{result ? formatCount(rank) : '–'}</td>
      {vary.map(({ option }) => (
        <th key={option} scope="row">
          {valueWords(training.recipe, option, trial.settings[option])}
        </th>
      ))}
      <RunCell run={trial.run} />
      <td>{formatCount(step)}</td>
      <td>
        <span className="state-value">
          {state === 'won' ? <Star size={12} aria-hidden /> : null}
          {value}
        </span>
        {sure ? <span className="state-sure">{sure}</span> : null}
      </td>
      <td className="sweep-state">{stateWords(standing, sweep.steps, isLive)}</td>
      <td>
        <Button
          label={`Use these settings: ${settingWords(training.recipe, trial.settings)}`}
          onPress={() => takeSetting(training, trial.settings)}
        >
          Use these settings
        </Button>
      </td>
    </tr>
  )
}

/** All settings on the same held-out pictures, the leader first. */
export function SweepTable({ sweep, isLive }: { sweep: Sweep; isLive: boolean }) {
  const { measure, request } = sweep
  const { label, term, better, help } = metrics[measure]
  return (
    <div className="sweep-table" tabIndex={0} role="region" aria-label={`The settings of ${sweep.sweep}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Rank</th>
            {request.vary.map(({ option }) => (
              <th key={option} scope="col">
                {optionLabel(request.training.recipe, option)}
              </th>
            ))}
            <th scope="col">Run</th>
            <th scope="col">Steps</th>
            <th scope="col" title={`${label}, ${better} is better. ${help}`}>
              <span className="state-head-name">{`${label} ${better === 'lower' ? '↓' : '↑'}`}</span>
              <span className="state-head-note">{term}</span>
            </th>
            <th scope="col">Standing</th>
            <th scope="col">
              <span className="visually-hidden">Use</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {standingsOf(sweep).map((standing, index) => (
            <Row key={standing.index} rank={index + 1} {...{ sweep, standing, isLive }} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
