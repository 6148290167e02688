import { Columns2, Contrast, Layers, Maximize, SquareSplitHorizontal, ZoomIn, ZoomOut } from 'lucide-react'
import { useStore } from 'zustand'
import { Button, IconButton } from '../Button.tsx'
import { Choice } from '../Choice.tsx'
import { Segments } from '../Segments.tsx'
import { compareStore, setMode } from './compareStore.ts'

const modes = [
  { id: 'slider', label: 'Slider', icon: SquareSplitHorizontal, keys: '1' },
  { id: 'side', label: 'Side by side', icon: Columns2, keys: '2' },
  { id: 'flicker', label: 'Flicker', icon: Layers, keys: '3' },
  { id: 'difference', label: 'Difference', icon: Contrast, keys: '4' },
] as const

const gains = [1, 2, 4, 8, 16].map((gain) => ({ id: String(gain), label: `${gain} times` }))

type CompareBarProps = {
  hasTwo: boolean
  percent: number | null
  fits: boolean
  fit: () => void
  actual: () => void
  zoomMiddle: (closer: boolean) => void
}

export function CompareBar({ hasTwo, percent, fits, fit, actual, zoomMiddle }: CompareBarProps) {
  const mode = useStore(compareStore, (state) => state.mode)
  const gain = useStore(compareStore, (state) => state.gain)
  return (
    <div className="compare-bar">
      {hasTwo ? <Segments label="How to compare" segments={modes} value={mode} onChange={setMode} /> : null}
      {hasTwo && mode === 'difference' ? (
        <div className="compare-gain">
          <span>Brightened</span>
          <Choice
            label="Brightened"
            items={gains}
            value={String(gain)}
            onChange={(id) => compareStore.setState({ gain: Number(id) })}
          />
        </div>
      ) : null}
      <span className="compare-zoom">
        <IconButton label="Zoom out" icon={ZoomOut} keys="-" onPress={() => zoomMiddle(false)} />
        <output className="compare-percent" aria-label="Zoom">
          {percent === null
            ? ''
            : fits
              ? 'Fits'
              : `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`}
        </output>
        <IconButton label="Zoom in" icon={ZoomIn} keys="+" onPress={() => zoomMiddle(true)} />
        <IconButton label="Fit" icon={Maximize} keys="F" onPress={fit} />
        <Button variant="quiet" onPress={actual} label="Show at 100%">
          100%
        </Button>
      </span>
    </div>
  )
}
