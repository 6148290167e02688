import { ChevronsLeftRight } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { setSplit } from './compareStore.ts'
import { useDragging } from './useViewport.ts'

type DividerProps = { split: number; stage: () => DOMRect | undefined }

/** The line between before and after: drag it, or move it with the arrow keys. */
export function SplitDivider({ split, stage }: DividerProps) {
  const dragging = useDragging((_, at) => {
    const box = stage()
    if (box) setSplit((at.xPx - box.left) / box.width)
  })
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1 }
    const by = steps[event.key]
    const to = { Home: 0, End: 1 }[event.key]
    if (by === undefined && to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    setSplit(to ?? split + (by ?? 0))
  }
  return (
    <div
      className="split-divider"
      style={{ left: `${split * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label="Before and after"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(split * 100)}
      aria-valuetext={`${Math.round(split * 100)} percent before`}
      onKeyDown={onKeyDown}
      {...dragging}
    >
      <span className="split-handle">
        <ChevronsLeftRight size={16} aria-hidden />
      </span>
    </div>
  )
}
