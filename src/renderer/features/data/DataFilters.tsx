import { FolderPlus, RefreshCw } from 'lucide-react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { PickList } from '../../components/PickList.tsx'
import { Section, SkeletonLines } from '../../components/States.tsx'
import { formatCount } from '../../format.ts'
import { countShown, dataStore, entryWord, scanData } from '../../stores/data.ts'
import type { DatasetReport, PairFilter } from '../../stores/data.ts'
import { shellStore } from '../../stores/shell.ts'

const filters: readonly { id: PairFilter; label: string; detail: string }[] = [
  { id: 'all', label: 'All', detail: '' },
  { id: 'train', label: 'Training', detail: 'What is learned from' },
  { id: 'val', label: 'Validation', detail: 'Picks the best state' },
  { id: 'test', label: 'Test', detail: 'Kept for the final score' },
  { id: 'findings', label: 'With findings', detail: 'Worth a look' },
]

const ALL_CLASSES = 'all'

/** All classes, and each by itself, with how many pictures of it the chosen part has. */
function classItems(report: DatasetReport, filter: PairFilter) {
  const aside = (label: number | null) => formatCount(countShown(report, { filter, search: '', label }))
  return [
    { id: ALL_CLASSES, label: 'All classes', detail: '', aside: aside(null) },
    ...(report.classes ?? []).map((name, label) => ({
      id: String(label),
      label: name,
      detail: '',
      aside: aside(label),
    })),
  ]
}

type DataFiltersProps = { report: DatasetReport | null; isLoading: boolean }

export function DataFilters({ report, isLoading }: DataFiltersProps) {
  const filter = useStore(dataStore, (state) => state.filter)
  const ofClass = useStore(dataStore, (state) => state.label)
  const project = useStore(shellStore, (state) => state.project)
  const opening = useStore(shellStore, (state) => state.opening)
  if (isLoading) return <SkeletonLines count={5} />
  const items = filters.map(({ id, label, detail }) => ({
    id,
    label,
    detail,
    aside: report === null ? '' : formatCount(countShown(report, { filter: id, search: '', label: ofClass })),
  }))
  return (
    <>
      <div className="panel-scroll">
        <Section title={report && entryWord(report) === 'pair' ? 'Pairs' : 'Pictures'}>
          <PickList
            label="Which pictures"
            items={items}
            selected={filter}
            onSelect={(id) =>
              dataStore.setState({ filter: filters.find((known) => known.id === id)?.id ?? 'all' })
            }
          />
        </Section>
        {report?.classes && report.classes.length > 0 ? (
          <Section title="Classes">
            <PickList
              label="Which class"
              items={classItems(report, filter)}
              selected={ofClass === null ? ALL_CLASSES : String(ofClass)}
              onSelect={(id) => dataStore.setState({ label: id === ALL_CLASSES ? null : Number(id) })}
            />
          </Section>
        ) : null}
      </div>
      <div className="panel-foot">
        <Button icon={RefreshCw} wide onPress={() => void (project && scanData(project.folder))}>
          Read again
        </Button>
        <Button
          icon={FolderPlus}
          wide
          onPress={() => dataStore.setState({ choosing: true })}
          isDisabled={opening}
        >
          Change pictures
        </Button>
      </div>
    </>
  )
}
