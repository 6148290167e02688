import { Images } from 'lucide-react'
import { useStore } from 'zustand'
import type { recipes, RecipeId } from '../../../core/recipes/index.ts'
import { Choice } from '../../components/Choice.tsx'
import { Comparison } from '../../components/comparison/Comparison.tsx'
import type { ComparedPicture } from '../../components/comparison/Layer.tsx'
import { EmptyState } from '../../components/States.tsx'
import { formatCount } from '../../format.ts'
import type { Progress } from '../../stores/runs.ts'
import { samplesAt, statesStore } from '../../stores/states.ts'

type Recipe = (typeof recipes)[RecipeId]
type Samples = Progress['samples']

/** `Step 1,500`, or which step's pictures stand in for it. */
function labelOf(step: number, shown: number): string {
  const words = `Step ${formatCount(step)}`
  return step === shown ? words : `${words}, pictures of step ${formatCount(shown)}`
}

/** What the model made of one held-out picture at a step. */
function madeAt(samples: Samples, step: number, name: string, made: string): ComparedPicture | null {
  const shown = samplesAt(samples, step)
  const file = shown?.items.find((item) => item.name === name)?.visuals[made]
  return shown && file ? { file, label: labelOf(step, shown.step) } : null
}

/** What may stand on the left: another state, or what the picture was and should be. */
export function AgainstChoice({ recipe }: { recipe: Recipe }) {
  const against = useStore(statesStore, (state) => state.against)
  const others = recipe.visuals.filter(({ id }) => id !== recipe.made)
  return (
    <div className="against">
      <span className="bar-note" aria-hidden>
        On the left
      </span>
      <Choice
        label="On the left"
        items={[{ id: 'state', label: 'Another state' }, ...others.map(({ id, label }) => ({ id, label }))]}
        value={against}
        onChange={(id) => statesStore.setState({ against: id })}
      />
    </div>
  )
}

type ComparedPicturesProps = {
  samples: Samples
  recipe: Recipe
  left: number | null
  right: number | null
}

/** Two saved states on the same held-out picture. */
export function ComparedPictures({ samples, recipe, left, right }: ComparedPicturesProps) {
  const { against, picture } = useStore(statesStore)
  const shown = right === null ? undefined : samplesAt(samples, right)
  const items = shown?.items ?? []
  const at = Math.min(picture, items.length - 1)
  const item = items[at]
  const made = item && right !== null ? madeAt(samples, right, item.name, recipe.made) : null
  if (!item || !made)
    return (
      <EmptyState icon={Images} title="No pictures to compare yet">
        Held-out pictures are rendered as a run goes on; those of the chosen states appear here.
      </EmptyState>
    )
  // A single state has no other to stand against: what the picture should be takes its place.
  const wanted = against === 'state' && left === null ? 'realB' : against
  const visual = recipe.visuals.find(({ id }) => id === wanted)
  const file = visual ? item.visuals[visual.id] : undefined
  const other =
    visual && file
      ? { file, label: visual.label }
      : left === null
        ? null
        : madeAt(samples, left, item.name, recipe.made)
  const step = (by: 1 | -1) =>
    statesStore.setState({ picture: Math.min(items.length - 1, Math.max(0, at + by)) })
  return <Comparison name={item.name} before={other ?? made} after={other ? made : null} onStep={step} />
}
