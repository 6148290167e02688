import { Link2, TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { CellGrid } from '../../components/CellGrid.tsx'
import type { Cell } from '../../components/CellGrid.tsx'
import { Picture } from '../../components/Picture.tsx'
import { formatAmount } from '../../format.ts'
import {
  dataStore,
  filesOf,
  filterSingles,
  findingsOf,
  select,
  setLarge,
  shownName,
  singleKeyOf,
} from '../../stores/data.ts'
import type { DatasetReport, Side, Single } from '../../stores/data.ts'
import { splitWords } from './words.ts'

const shape = { leastPx: 120, heightShare: 1 }

/** What a side is called: where there is one alone, it is simply the pictures. */
function titleOf({ classes }: DatasetReport, side: Side): string {
  if (classes) return 'Pictures'
  return side === 'a' ? 'A, one look' : 'B, the other look'
}

type Marks = { withheld: ReadonlySet<string>; findings: DatasetReport['findings'] }

function cellOf(single: Single, side: Side, { withheld, findings }: Marks): Cell {
  const name = shownName(single)
  const flagged = findingsOf([single.file], findings).length > 0
  const isWithheld = withheld.has(single.file.id)
  const said = [name, splitWords[single.split], isWithheld ? 'its true partner is kept for scoring' : '']
  return {
    key: singleKeyOf(single, side),
    label: said.filter(Boolean).join(', '),
    content: (
      <>
        <span className="cell-pictures">
          <Picture file={single.file} region={single.region} alt="" sidePx={320} />
        </span>
        <span className="cell-caption">
          <span className="cell-name" title={name}>
            {name}
          </span>
          {isWithheld ? <Link2 size={16} aria-hidden className="cell-withheld" /> : null}
          {flagged ? <TriangleAlert size={16} aria-hidden className="cell-flag" /> : null}
        </span>
      </>
    ),
  }
}

function Column({ report, side }: { report: DatasetReport; side: Side }) {
  const { filter, search, label, selected } = useStore(dataStore)
  const singles = useMemo(
    () => filterSingles(report, side, { filter, search, label }),
    [report, side, filter, search, label],
  )
  const marks = useMemo(
    () => ({
      withheld: new Set(report.pairs.flatMap(filesOf).map(({ id }) => id)),
      findings: report.findings,
    }),
    [report],
  )
  const title = titleOf(report, side)
  return (
    <section className="unpaired-column" aria-label={title}>
      <header className="unpaired-head">
        <h2>{title}</h2>
        <span className="bar-note">{formatAmount(singles.length, 'picture')}</span>
      </header>
      {singles.length === 0 ? (
        <p className="unpaired-none">None here.</p>
      ) : (
        <CellGrid
          label={title}
          items={singles}
          shape={shape}
          selected={singles.findIndex((single) => singleKeyOf(single, side) === selected)}
          cellOf={(single) => cellOf(single, side, marks)}
          onSelect={(single) => select(singleKeyOf(single, side))}
          onOpen={() => setLarge(true)}
        />
      )}
    </section>
  )
}

/** Two heaps of pictures, side by side, or one alone; those whose true partner is kept back for scoring are marked. */
export function UnpairedColumns({ report }: { report: DatasetReport }) {
  return (
    <div className="unpaired">
      {report.classes ? null : <Column report={report} side="a" />}
      <Column report={report} side="b" />
      {report.pairs.length > 0 ? (
        <p className="unpaired-note">
          <Link2 size={16} aria-hidden />
          {formatAmount(report.pairs.length, 'true pair')} kept back: never learned from, only scored by.
        </p>
      ) : null}
    </div>
  )
}
