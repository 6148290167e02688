import { FolderOpen, Maximize2 } from 'lucide-react'
import { useStore } from 'zustand'
import { datasetKinds } from '../../../core/datasets/index.ts'
import type { SideSummary } from '../../../core/datasets/report.ts'
import { Button } from '../../components/Button.tsx'
import { FindingList } from '../../components/FindingList.tsx'
import { Facts, Section, SkeletonLines } from '../../components/States.tsx'
import { formatCount, formatSize } from '../../format.ts'
import { dataStore, findingsOf, keyOf, setLarge, shownName } from '../../stores/data.ts'
import type { DatasetReport, Pair } from '../../stores/data.ts'
import { showInFolder } from '../../stores/shell.ts'

const channelWords: Record<number, string> = { 1: 'grey', 3: 'colour', 4: 'colour and alpha' }

function sizeRange({ smallestPx, largestPx }: SideSummary): string {
  const least = formatSize(...smallestPx)
  const most = formatSize(...largestPx)
  return least === most ? least : `${least} to ${most}`
}

function SideFacts({ title, side }: { title: string; side: SideSummary }) {
  return (
    <Section title={title}>
      <Facts
        facts={[
          ['Pictures', formatCount(side.pictures)],
          ['Size', sizeRange(side)],
          ['Channels', `${side.channels} (${channelWords[side.channels] ?? 'data'}), ${side.bitDepth} bits`],
        ]}
      />
    </Section>
  )
}

function PairFacts({ pair, report }: { pair: Pair; report: DatasetReport }) {
  return (
    <>
      <Section title={shownName(pair)}>
        <Facts
          facts={[
            ['Part', { train: 'Training', val: 'Validation', test: 'Test' }[pair.split]],
            ['A', formatSize(pair.a.widthPx, pair.a.heightPx)],
            ['B', formatSize(pair.b.widthPx, pair.b.heightPx)],
          ]}
        />
        <div className="button-row">
          <Button icon={Maximize2} onPress={() => setLarge(true)}>
            See it large
          </Button>
          <Button icon={FolderOpen} onPress={() => void showInFolder(pair.a.file)}>
            Show in folder
          </Button>
        </div>
      </Section>
      <FindingList findings={findingsOf(pair, report.findings)} empty="Nothing to report about this pair." />
    </>
  )
}

type DataInspectorProps = { report: DatasetReport | null; isLoading: boolean }

export function DataInspector({ report, isLoading }: DataInspectorProps) {
  const selected = useStore(dataStore, (state) => state.selected)
  if (isLoading) return <SkeletonLines count={8} />
  if (!report) return <p className="panel-words">The data set could not be read.</p>
  const pair = report.pairs.find((known) => keyOf(known) === selected)
  const kind = Object.values(datasetKinds).find(({ id }) => id === report.kind)
  return (
    <div className="panel-scroll">
      {pair ? <PairFacts pair={pair} report={report} /> : null}
      <Section title="Data set">
        <p className="section-words">{kind?.label ?? report.kind}</p>
        <Facts
          facts={[
            ['Training', formatCount(report.counts.train)],
            ['Validation', formatCount(report.counts.val)],
            ['Test', formatCount(report.counts.test)],
          ]}
        />
      </Section>
      {report.a ? <SideFacts title="A, before" side={report.a} /> : null}
      {report.b ? <SideFacts title="B, after" side={report.b} /> : null}
      {pair || (report.pairs.length === 0 && report.findings.length === 0) ? null : (
        <FindingList findings={report.findings} empty="Nothing to report: the pairs fit." />
      )}
    </div>
  )
}
