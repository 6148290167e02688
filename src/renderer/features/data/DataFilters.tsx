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
  { id: 'train', label: 'Training', detail: 'The model learns from these' },
  { id: 'val', label: 'Validation', detail: 'Choose the best saved state' },
  { id: 'test', label: 'Test', detail: 'Kept for the final score' },
  { id: 'findings', label: 'With findings', detail: 'Worth a look' },
]

type DataFiltersProps = { report: DatasetReport | null; isLoading: boolean }

export function DataFilters({ report, isLoading }: DataFiltersProps) {
  const filter = useStore(dataStore, (state) => state.filter)
  const project = useStore(shellStore, (state) => state.project)
  const opening = useStore(shellStore, (state) => state.opening)
  if (isLoading) return <SkeletonLines count={5} />
  const items = filters.map(({ id, label, detail }) => ({
    id,
    label,
    detail,
    aside: report === null ? '' : formatCount(countShown(report, id, '')),
  }))
  return (
    <>
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
