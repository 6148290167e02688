import { Label, Slider, SliderThumb, SliderTrack } from 'react-aria-components'
import { Button } from '../../components/Button.tsx'
import { formatCount } from '../../format.ts'

type ScrubberProps = {
  samples: readonly { step: number }[]
  at: number
  follows: boolean
  onChange: (at: number | null) => void
}

/** Through the run as through a film; at its end it follows what comes. */
export function Scrubber({ samples, at, follows, onChange }: ScrubberProps) {
  const shown = samples[at]
  if (!shown) return <span className="bar-note">No pictures yet</span>
  const last = samples.length - 1
  return (
    <div className="scrubber">
      <span className="scrubber-step">Step {formatCount(shown.step)}</span>
      <Slider
        className="slider"
        minValue={0}
        maxValue={Math.max(1, last)}
        value={at}
        isDisabled={last === 0}
        onChange={(next) => onChange(next >= last ? null : next)}
      >
        <Label className="visually-hidden">Pictures at step</Label>
        <SliderTrack className="slider-track">
          <span className="slider-fill" style={{ width: `${(100 * at) / Math.max(1, last)}%` }} />
          <SliderThumb className="slider-thumb" />
        </SliderTrack>
      </Slider>
      <Button variant="quiet" onPress={() => onChange(null)} isDisabled={follows}>
        Newest
      </Button>
    </div>
  )
}
