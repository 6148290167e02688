import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useKeys } from '../useKeys.ts'
import { useSize } from '../useSize.ts'
import { CompareBar } from './CompareBar.tsx'
import { compareStore, flicker, setMode, turnOver } from './compareStore.ts'
import { SplitDivider } from './Divider.tsx'
import { scaleOf, sharedSize } from './geometry.ts'
import type { Size, View } from './geometry.ts'
import { Layer } from './Layer.tsx'
import type { ComparedPicture } from './Layer.tsx'
import { useDragging, useViewport, useWheelZoom } from './useViewport.ts'

export type { ComparedPicture } from './Layer.tsx'

const FLICKER_MS = 700

type ComparisonProps = {
  /** What is compared, for those who cannot see it. */
  name: string
  before: ComparedPicture
  /** null: there is no result yet. */
  after: ComparedPicture | null
  /** Arrow keys step through the pictures around. */
  onStep?: (by: 1 | -1) => void
}

function useFlicker(): void {
  const isOn = useStore(compareStore, ({ mode, flickers }) => mode === 'flicker' && flickers)
  useEffect(() => {
    if (!isOn || window.matchMedia('(prefers-reduced-motion: reduce)').matches) return undefined
    const timer = setInterval(flicker, FLICKER_MS)
    return () => clearInterval(timer)
  }, [isOn])
}

/** Before and after, everywhere the same: four ways to compare, one zoom for both, the same keys. */
export function Comparison({ name, before, after, onStep }: ComparisonProps) {
  const stage = useRef<HTMLDivElement>(null)
  const stageSize = useSize(stage)
  const { mode, shown } = useStore(compareStore)
  const [sizes, setSizes] = useState<{ before: Size | null; after: Size | null }>({
    before: null,
    after: null,
  })
  const isSide = after !== null && mode === 'side' && shown === 'both'
  const pane = stageSize && isSide ? { ...stageSize, widthPx: (stageSize.widthPx - 1) / 2 } : stageSize
  const frame = sharedSize(sizes.before, after ? sizes.after : null)
  const viewport = useViewport(frame, pane)
  useFlicker()
  useWheelZoom(stage, viewport.zoom)
  const dragging = useDragging((delta) => viewport.pan(delta))
  useKeys({
    ' ': turnOver,
    '1': () => setMode('slider'),
    '2': () => setMode('side'),
    '3': () => setMode('flicker'),
    '4': () => setMode('difference'),
    f: viewport.fit,
    z: viewport.actual,
    '+': () => viewport.zoomMiddle(true),
    '-': () => viewport.zoomMiddle(false),
    ...(onStep ? { ArrowRight: () => onStep(1), ArrowLeft: () => onStep(-1) } : {}),
  })
  // Before the first picture has come nothing has a size; the layers are laid out once they tell it.
  const view = viewport.view ?? { xPx: -1e5, yPx: 0, widthPx: 256 }
  const percent = frame && viewport.view ? 100 * scaleOf(viewport.view, frame, window.devicePixelRatio) : null
  const tell = (side: 'before' | 'after') => (size: Size) => setSizes((known) => ({ ...known, [side]: size }))
  return (
    <section className="comparison" aria-label={`Comparison of ${name}`}>
      <div ref={stage} className="stage" tabIndex={0} role="group" aria-label="Pictures" {...dragging}>
        <Panes {...{ before, after, view, frame }} tell={tell} />
        {after && mode === 'slider' && shown === 'both' ? (
          <SplitControl stage={() => stage.current?.getBoundingClientRect()} />
        ) : null}
      </div>
      <CompareBar
        hasTwo={after !== null}
        percent={percent}
        fits={viewport.fits}
        fit={viewport.fit}
        actual={viewport.actual}
        zoomMiddle={viewport.zoomMiddle}
      />
    </section>
  )
}

function SplitControl({ stage }: { stage: () => DOMRect | undefined }) {
  const split = useStore(compareStore, (state) => state.split)
  return <SplitDivider split={split} stage={stage} />
}

type PanesProps = {
  before: ComparedPicture
  after: ComparedPicture | null
  view: View
  frame: Size | null
  tell: (side: 'before' | 'after') => (size: Size) => void
}

function Panes({ before, after, view, frame, tell }: PanesProps) {
  const { mode, shown, split, gain } = useStore(compareStore)
  const beforeLayer = <Layer picture={before} view={view} frame={frame} onSize={tell('before')} />
  if (!after)
    return (
      <div className="pane">
        {beforeLayer}
        <Tag side="left">{before.label}</Tag>
      </div>
    )
  const both = shown === 'both'
  const isSide = both && mode === 'side'
  const isDifference = both && mode === 'difference'
  const clip =
    both && mode === 'slider'
      ? `inset(0 ${(1 - split) * 100}% 0 0)`
      : shown === 'after'
        ? 'inset(0 100% 0 0)'
        : 'none'
  return (
    <div className={`panes${isSide ? ' panes-side' : ''}`}>
      <div
        className={`pane pane-after${isDifference ? ' pane-difference' : ''}`}
        style={isDifference ? { filter: `brightness(${gain})` } : {}}
      >
        <Layer picture={after} view={view} frame={frame} onSize={tell('after')} />
        {isDifference ? (
          <Layer
            picture={before}
            view={view}
            frame={frame}
            onSize={tell('before')}
            className="layer-difference"
          />
        ) : null}
      </div>
      <div className="pane pane-before" style={{ clipPath: isSide ? 'none' : clip }} hidden={isDifference}>
        {beforeLayer}
      </div>
      {shown === 'after' || isDifference ? null : <Tag side="left">{before.label}</Tag>}
      {shown === 'before' ? null : <Tag side="right">{isDifference ? 'Difference' : after.label}</Tag>}
    </div>
  )
}

function Tag({ side, children }: { side: 'left' | 'right'; children: string }) {
  return <span className={`stage-tag stage-tag-${side}`}>{children}</span>
}
