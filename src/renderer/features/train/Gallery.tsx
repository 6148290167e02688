import { Images } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components'
import type { RunState } from '../../../core/project/project.ts'
import type { VisualDeclaration } from '../../../core/recipes/declaration.ts'
import { Picture } from '../../components/Picture.tsx'
import { EmptyState, Skeleton } from '../../components/States.tsx'
import type { Progress } from '../../stores/runs.ts'

type Items = Progress['samples'][number]['items']

type GalleryProps = {
  items: Items
  visuals: readonly VisualDeclaration[]
  isWaiting: boolean
  state: RunState
  onOpen: (index: number) => void
}

/** Rows are held-out pairs, columns what the recipe shows of them. */
export function Gallery({ items, visuals, isWaiting, state, onOpen }: GalleryProps) {
  const columns = { gridTemplateColumns: `repeat(${visuals.length}, minmax(0, 1fr))` }
  if (isWaiting && state !== 'new' && state !== 'running')
    return (
      <EmptyState icon={Images} title="No pictures yet">
        This run stopped before its first held-out pictures were rendered. Resume it to see them.
      </EmptyState>
    )
  return (
    <div className="gallery" tabIndex={0} role="region" aria-label="Held-out pictures">
      <div className="gallery-head" style={columns} aria-hidden>
        {visuals.map(({ id, label }) => (
          <span key={id}>{label}</span>
        ))}
      </div>
      {isWaiting
        ? [0, 1, 2].map((row) => (
            <div key={row} className="gallery-row" style={columns}>
              {visuals.map(({ id }) => (
                <Skeleton key={id} className="gallery-skeleton-cell" />
              ))}
            </div>
          ))
        : null}
      {items.map(({ name, visuals: pictures }, index) => (
        <AriaButton
          key={name}
          className="gallery-row"
          style={columns}
          aria-label={`Compare ${name}`}
          onPress={() => onOpen(index)}
        >
          {visuals.map(({ id, label }) => {
            const file = pictures[id]
            return file ? (
              <Picture key={id} file={file} alt={`${label}, ${name}`} sidePx={512} />
            ) : (
              <Skeleton key={id} className="gallery-skeleton-cell" />
            )
          })}
        </AriaButton>
      ))}
    </div>
  )
}
