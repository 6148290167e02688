import { TriangleAlert } from 'lucide-react'
import { CellGrid } from '../../components/CellGrid.tsx'
import type { Cell } from '../../components/CellGrid.tsx'
import { Picture } from '../../components/Picture.tsx'
import { filesOf, findingsOf, keyOf, select, setLarge, shownName } from '../../stores/data.ts'
import type { DatasetReport, Pair } from '../../stores/data.ts'
import { splitWords } from './words.ts'

const shape = { leastPx: 216, heightShare: 0.5 }

function cellOf(pair: Pair, report: DatasetReport): Cell {
  const findings = findingsOf(filesOf(pair), report.findings).length
  const name = shownName(pair)
  return {
    key: keyOf(pair),
    label: `${name}, ${splitWords[pair.split]}${findings > 0 ? `, ${findings} findings` : ''}`,
    content: (
      <>
        <span className="cell-pictures cell-pictures-two">
          <Picture
            file={pair.a.file}
            region={pair.a.region}
            derivation={report.derivation}
            alt=""
            sidePx={320}
          />
          <Picture file={pair.b.file} region={pair.b.region} alt="" sidePx={320} />
        </span>
        <span className="cell-caption">
          <span className="cell-name" title={name}>
            {name}
          </span>
          {findings > 0 ? <TriangleAlert size={16} aria-hidden className="cell-flag" /> : null}
          <span className="cell-split">{splitWords[pair.split]}</span>
        </span>
      </>
    ),
  }
}

type PairGridProps = { pairs: readonly Pair[]; report: DatasetReport; selected: number }

export function PairGrid({ pairs, report, selected }: PairGridProps) {
  return (
    <CellGrid
      label={report.derivation ? 'Spoiled copies and originals' : 'Pairs'}
      items={pairs}
      shape={shape}
      selected={selected}
      cellOf={(pair) => cellOf(pair, report)}
      onSelect={(pair) => select(keyOf(pair))}
      onOpen={() => setLarge(true)}
    />
  )
}
