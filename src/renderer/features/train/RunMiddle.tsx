import { ArrowLeft } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { recipes } from '../../../core/recipes/index.ts'
import type { LossDeclaration } from '../../../core/recipes/declaration.ts'
import type { RecipeId } from '../../../core/recipes/index.ts'
import { Button } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { Comparison } from '../../components/comparison/Comparison.tsx'
import { Segments } from '../../components/Segments.tsx'
import { useKeys } from '../../components/useKeys.ts'
import { MiddleBar } from '../../components/Workspace.tsx'
import { valueOf } from '../../stores/loadable.ts'
import { runsStore } from '../../stores/runs.ts'
import type { Progress } from '../../stores/runs.ts'
import { Gallery } from './Gallery.tsx'
import { MOST_COLUMNS } from './galleryLayout.ts'
import { Losses } from './Losses.tsx'
import { Scrubber } from './Scrubber.tsx'
import { useShownVisuals, VisualChoice } from './VisualChoice.tsx'

type Row = Progress['samples'][number]['items'][number]

function useRecipe(run: string): (typeof recipes)[RecipeId] {
  const id = useStore(runsStore, (state) => {
    const summary = valueOf(state.list)?.find((known) => known.run === run)
    return summary?.recipe ?? 'pix2pix'
  })
  return recipes[id]
}

type LargeProps = { row: Row; run: string; onClose: () => void; onStep: (by: 1 | -1) => void }

/** One held-out picture, large: what the model makes of it against the truth or against what it was given. */
function LargeSample({ row, run, onClose, onStep }: LargeProps) {
  const recipe = useRecipe(run)
  const [left, setLeft] = useState('realB')
  const [right, setRight] = useState<string>(recipe.made)
  useKeys({ Escape: onClose })
  const visuals = recipe.visuals.filter(({ id }) => row.visuals[id])
  const made = visuals.find(({ id }) => id === right) ?? visuals[0]
  const others = visuals.filter(({ id }) => id !== made?.id)
  const other = others.find(({ id }) => id === left) ?? others[0]
  const madeFile = made ? row.visuals[made.id] : undefined
  const otherFile = other ? row.visuals[other.id] : undefined
  if (!made || !madeFile || !other || !otherFile) return null
  return (
    <div className="large-sample">
      <div className="large-sample-bar">
        <Button variant="quiet" icon={ArrowLeft} onPress={onClose}>
          All pictures
        </Button>
        <span className="bar-title" title={row.name}>
          {row.name}
        </span>
        {visuals.length > MOST_COLUMNS ? (
          <>
            <Choice label="On the left" items={others} value={other.id} onChange={setLeft} />
            <Choice label="On the right" items={visuals} value={made.id} onChange={setRight} />
          </>
        ) : (
          <Segments label="Compare with" segments={others} value={other.id} onChange={setLeft} />
        )}
      </div>
      <Comparison
        name={row.name}
        before={{ file: otherFile, label: other.label }}
        after={{ file: madeFile, label: made.label }}
        onStep={onStep}
      />
    </div>
  )
}

/** Losses that this run records; before its first step, all that its recipe may. */
function recordedOf(losses: readonly LossDeclaration[], { metrics }: Progress): readonly LossDeclaration[] {
  const last = metrics.at(-1)
  return last ? losses.filter(({ id }) => id in last.losses) : losses
}

/** The held-out pictures as they get better, over the losses. */
export function RunMiddle({ progress }: { progress: Progress }) {
  const { samples, run } = progress
  const recipe = useRecipe(run)
  const visuals = useShownVisuals(recipe)
  /** null follows the newest. */
  const [scrubbed, setScrubbed] = useState<number | null>(null)
  const [large, setLarge] = useState<number | null>(null)
  const at = scrubbed === null ? samples.length - 1 : Math.min(scrubbed, samples.length - 1)
  const shown = samples[at]
  const row = large === null ? undefined : shown?.items[large]
  const step = (by: 1 | -1) =>
    setLarge((now) => (now === null ? null : Math.min((shown?.items.length ?? 1) - 1, Math.max(0, now + by))))
  return (
    <>
      <MiddleBar>
        <Scrubber samples={samples} at={at} follows={scrubbed === null} onChange={setScrubbed} />
        {row ? null : <VisualChoice recipe={recipe} />}
      </MiddleBar>
      <div className="run-middle">
        {row ? (
          <LargeSample row={row} run={run} onClose={() => setLarge(null)} onStep={step} />
        ) : (
          <>
            <Gallery
              items={shown?.items ?? []}
              visuals={visuals}
              isWaiting={samples.length === 0}
              state={progress.state}
              onOpen={setLarge}
            />
            <Losses progress={progress} losses={recordedOf(recipe.losses, progress)} />
          </>
        )}
      </div>
    </>
  )
}
