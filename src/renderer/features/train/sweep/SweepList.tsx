import { useStore } from 'zustand'
import { isFinished, standingsOf } from '../../../../core/sweeps/standing.ts'
import type { Sweep } from '../../../../core/sweeps/sweep.ts'
import { PickList } from '../../../components/PickList.tsx'
import { RefusalNote, Section } from '../../../components/States.tsx'
import { formatAmount } from '../../../format.ts'
import { runsStore } from '../../../stores/runs.ts'
import { openSweep, sweepsStore } from '../../../stores/sweeps.ts'
import { resultWords } from './sweepWords.ts'

function itemOf(sweep: Sweep, isLive: boolean) {
  const finished = isFinished(sweep)
  const [leader] = standingsOf(sweep)
  const state = isLive ? 'running' : finished ? 'done' : 'stopped'
  const words = isLive ? 'Under way' : finished ? 'Done' : 'Stopped'
  return {
    id: sweep.sweep,
    label: sweep.sweep,
    detail: `${words}, ${formatAmount(sweep.trials.length, 'setting')}`,
    lead: <span className={`state-dot state-${state}`} aria-hidden />,
    ...(leader?.result && { aside: resultWords(sweep.measure, leader.result).value }),
  }
}

/** The project's sweeps, where there are any; what cannot be read is told. */
export function SweepList() {
  const { list, selected, live } = useStore(sweepsStore)
  const run = useStore(runsStore, (state) => state.selected)
  if (list.status === 'failed')
    return (
      <Section title="Several settings">
        <RefusalNote refusal={list.refusal} />
      </Section>
    )
  if (list.status !== 'ready') return null
  const { sweeps, damaged } = list.value
  if (sweeps.length + damaged.length === 0) return null
  return (
    <Section title="Several settings" aside={<span className="section-note">best</span>}>
      {damaged.map((refusal) => (
        <RefusalNote key={refusal.message} refusal={refusal} />
      ))}
      <PickList
        label="Several settings"
        items={sweeps.map((sweep) => itemOf(sweep, live?.sweep === sweep.sweep))}
        selected={run === null ? selected : null}
        onSelect={openSweep}
      />
    </Section>
  )
}
