import { ChartLine, ChevronDown, ChevronUp, RotateCcw, Table2 } from 'lucide-react'
import { useState } from 'react'
import { Checkbox, Label, Slider, SliderThumb, SliderTrack } from 'react-aria-components'
import type { LossDeclaration } from '../../../core/recipes/declaration.ts'
import { useStore } from 'zustand'
import { IconButton, IconToggle } from '../../components/Button.tsx'
import { formatCount, formatScore } from '../../format.ts'
import type { Progress } from '../../stores/runs.ts'
import { setPanel, shellStore } from '../../stores/shell.ts'
import { LossChart, SERIES_COLOURS } from './LossChart.tsx'
import { LossTable } from './LossTable.tsx'

export type Readout = { step: number; values: readonly (number | null)[] } | null

type LossesProps = { progress: Progress; losses: readonly LossDeclaration[] }

/** More than these are read in columns. */
const FEW_LOSSES = 5

type LegendProps = {
  losses: readonly LossDeclaration[]
  hidden: ReadonlySet<string>
  readout: Readout
  onToggle: (id: string) => void
}

function Legend({ losses, hidden, readout, onToggle }: LegendProps) {
  return (
    <div className={losses.length > FEW_LOSSES ? 'legend legend-many' : 'legend'}>
      {losses.map(({ id, label, help }, index) => {
        const value = readout?.values[index]
        return (
          <Checkbox
            key={id}
            className={`legend-item series-${index % SERIES_COLOURS}`}
            isSelected={!hidden.has(id)}
            onChange={() => onToggle(id)}
            aria-label={`${label} (${id})`}
          >
            <span className="legend-swatch" aria-hidden />
            <span className="legend-name" title={help}>
              {label} <span className="option-term">{id}</span>
            </span>
            <span className="legend-value">
              {value === null || value === undefined ? '' : formatScore(value)}
            </span>
          </Checkbox>
        )
      })}
    </div>
  )
}

function Smoothing({ weight, onChange }: { weight: number; onChange: (weight: number) => void }) {
  return (
    <Slider
      className="slider smoothing"
      minValue={0}
      maxValue={0.99}
      step={0.01}
      value={weight}
      onChange={onChange}
    >
      <Label>Smoothing</Label>
      <SliderTrack className="slider-track">
        <span className="slider-fill" style={{ width: `${(100 * weight) / 0.99}%` }} />
        <SliderThumb className="slider-thumb" />
      </SliderTrack>
    </Slider>
  )
}

/** The numbers under the pictures: smoothed over the faint raw values, as a chart or as a table. */
export function Losses({ progress, losses }: LossesProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [weight, setWeight] = useState(0.9)
  const [isTable, setTable] = useState(false)
  const [zooms, setZooms] = useState(0)
  const [readout, setReadout] = useState<Readout>(null)
  const isFolded = useStore(shellStore, ({ settings }) => settings.panels['lossesFolded'] === 1)
  const toggle = (id: string) =>
    setHidden((now) => new Set(now.has(id) ? [...now].filter((known) => known !== id) : [...now, id]))
  return (
    <section className="losses" aria-label="Losses">
      <header className="losses-head">
        <h2>Losses</h2>
        {isFolded ? null : <Smoothing weight={weight} onChange={setWeight} />}
        <span className="legend-step">{readout && !isFolded ? `Step ${formatCount(readout.step)}` : ''}</span>
        <span className="losses-tools">
          {isFolded ? null : (
            <>
              <IconButton
                label="Show all steps"
                icon={RotateCcw}
                onPress={() => setZooms((count) => count + 1)}
              />
              <IconToggle
                label={isTable ? 'Show the chart' : 'Show as a table'}
                icon={isTable ? ChartLine : Table2}
                isSelected={isTable}
                onChange={setTable}
              />
            </>
          )}
          <IconButton
            label={isFolded ? 'Unfold the losses' : 'Fold the losses'}
            icon={isFolded ? ChevronUp : ChevronDown}
            onPress={() => setPanel('lossesFolded', isFolded ? 0 : 1)}
          />
        </span>
      </header>
      {isFolded ? null : (
        <>
          <Legend losses={losses} hidden={hidden} readout={readout} onToggle={toggle} />
          {isTable ? (
            <LossTable metrics={progress.metrics} losses={losses} />
          ) : (
            <LossChart
              progress={progress}
              losses={losses}
              hidden={hidden}
              weight={weight}
              zooms={zooms}
              onReadout={setReadout}
            />
          )}
        </>
      )}
    </section>
  )
}
