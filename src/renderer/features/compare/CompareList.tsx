import { useStore } from 'zustand'
import { recipes } from '../../../core/recipes/index.ts'
import { PickList } from '../../components/PickList.tsx'
import { Picture } from '../../components/Picture.tsx'
import { RefusalNote, Section, SkeletonLines } from '../../components/States.tsx'
import { formatAmount } from '../../format.ts'
import { runsStore } from '../../stores/runs.ts'
import type { Progress } from '../../stores/runs.ts'
import { compareRun, samplesAt, statesStore } from '../../stores/states.ts'

function Runs({ run }: { run: string | null }) {
  const list = useStore(runsStore, (state) => state.list)
  if (list.status === 'failed') return <RefusalNote refusal={list.refusal} />
  if (list.status !== 'ready') return <SkeletonLines count={3} />
  if (list.value.length === 0) return <p className="section-words">No run yet.</p>
  return (
    <PickList
      label="Runs"
      items={list.value.map((summary) => ({
        id: summary.run,
        label: summary.run,
        detail: recipes[summary.recipe].label,
      }))}
      selected={run}
      onSelect={compareRun}
    />
  )
}

type PicturesProps = { samples: Progress['samples']; made: string; right: number | null }

/** Held-out pictures as the state on the right makes them. */
function Pictures({ samples, made, right }: PicturesProps) {
  const picture = useStore(statesStore, (state) => state.picture)
  const items = right === null ? [] : (samplesAt(samples, right)?.items ?? [])
  if (items.length === 0) return <p className="section-words">None yet.</p>
  return (
    <PickList
      label="Held-out pictures"
      items={items.map(({ name, visuals }, index) => ({
        id: String(index),
        label: name,
        lead: (
          <span className="item-thumb">
            {visuals[made] ? <Picture file={visuals[made]} alt="" sidePx={96} /> : null}
          </span>
        ),
      }))}
      selected={String(Math.min(picture, items.length - 1))}
      onSelect={(id) => statesStore.setState({ picture: Number(id) })}
    />
  )
}

type CompareListProps = { run: string | null; right: number | null; made: string }

export function CompareList({ run, right, made }: CompareListProps) {
  const samples = useStore(runsStore, (state) => (run ? state.progress[run]?.samples : undefined)) ?? []
  return (
    <div className="panel-scroll">
      <Section title="Runs">
        <Runs run={run} />
      </Section>
      <Section
        title="Held-out pictures"
        aside={
          samples.length > 0 ? (
            <span className="section-note">{formatAmount(samples[0]?.items.length ?? 0, 'picture')}</span>
          ) : null
        }
      >
        <Pictures samples={samples} made={made} right={right} />
      </Section>
    </div>
  )
}
