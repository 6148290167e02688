import { FolderOpen, Maximize2 } from 'lucide-react'
import { useStore } from 'zustand'
import { datasetKinds } from '../../../core/datasets/index.ts'
import type { FileHandle } from '../../../core/files.ts'
import type { SideSummary } from '../../../core/datasets/report.ts'
import { Button } from '../../components/Button.tsx'
import { FindingList } from '../../components/FindingList.tsx'
import { Facts, Section, SkeletonLines } from '../../components/States.tsx'
import { formatCount, formatSize } from '../../format.ts'
import {
  classOf,
  dataStore,
  filesOf,
  findSingle,
  findingsOf,
  isEmpty,
  keyOf,
  setLarge,
  shownName,
  truePairOf,
} from '../../stores/data.ts'
import type { DatasetReport, Pair, Single } from '../../stores/data.ts'
import { derivationFacts, splitWords } from './words.ts'
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

type ChosenProps = { title: string; facts: [string, string][]; file: FileHandle }

function Chosen({ title, facts, file }: ChosenProps) {
  return (
    <Section title={title}>
      <Facts facts={facts} />
      <div className="button-row">
        <Button icon={Maximize2} onPress={() => setLarge(true)}>
          See it large
        </Button>
        <Button icon={FolderOpen} onPress={() => void showInFolder(file)}>
          Show in folder
        </Button>
      </div>
    </Section>
  )
}

function PairFacts({ pair, report }: { pair: Pair; report: DatasetReport }) {
  const size = ({ widthPx, heightPx }: Pair['a']) => formatSize(widthPx, heightPx)
  const sizes: [string, string][] = report.derivation
    ? [['Size', size(pair.b)]]
    : [
        ['A', size(pair.a)],
        ['B', size(pair.b)],
      ]
  return (
    <>
      <Chosen
        title={shownName(pair)}
        facts={[['Part', splitWords[pair.split]], ...sizes]}
        file={pair.a.file}
      />
      <FindingList
        findings={findingsOf(filesOf(pair), report.findings)}
        empty={`Nothing to report about this ${report.derivation ? 'picture' : 'pair'}.`}
      />
    </>
  )
}

function SingleFacts({ single, report }: { single: Single; report: DatasetReport }) {
  const withheld = truePairOf(report, single)
  return (
    <>
      <Chosen
        title={shownName(single)}
        facts={[
          ['Part', splitWords[single.split]],
          ...(classOf(report, single)
            ? ([['Class', classOf(report, single)]] satisfies [string, string][])
            : []),
          ['Size', formatSize(single.widthPx, single.heightPx)],
          ...(withheld ? ([['True partner', 'kept for scoring']] satisfies [string, string][]) : []),
        ]}
        file={single.file}
      />
      <FindingList
        findings={findingsOf([single.file], report.findings)}
        empty="Nothing to report about this picture."
      />
    </>
  )
}

/** How the model's input is made, where it is made from the originals. */
function DerivationFacts({ report }: { report: DatasetReport }) {
  if (!report.derivation) return null
  const facts = derivationFacts(report.derivation)
  return (
    <Section title="How A is made of B">
      <p className="section-words">
        {facts.length === 0
          ? 'Nothing is done to the pictures yet: choose what to bring back under Change pictures.'
          : 'Each picture is spoiled anew whenever it is learned from; the copies shown here are examples.'}
      </p>
      <Facts facts={facts} />
    </Section>
  )
}

/** What the two sides of the data are to each other. */
function sideTitles({ derivation, unpaired, classes }: DatasetReport): { a: string; b: string } {
  if (classes) return { a: '', b: 'Pictures' }
  if (derivation) return { a: 'A, spoiled', b: 'B, the originals' }
  return unpaired ? { a: 'A, one look', b: 'B, the other look' } : { a: 'A, before', b: 'B, after' }
}

type DataInspectorProps = { report: DatasetReport | null; isLoading: boolean }

export function DataInspector({ report, isLoading }: DataInspectorProps) {
  const selected = useStore(dataStore, (state) => state.selected)
  if (isLoading) return <SkeletonLines count={8} />
  if (!report) return <p className="panel-words">The data set could not be read.</p>
  const single = findSingle(report, selected)
  const pair = single ? undefined : report.pairs.find((known) => keyOf(known) === selected)
  const chosen = pair ?? single
  const titles = sideTitles(report)
  const kind = Object.values(datasetKinds).find(({ id }) => id === report.kind)
  return (
    <div className="panel-scroll">
      {pair ? <PairFacts pair={pair} report={report} /> : null}
      {single ? <SingleFacts single={single} report={report} /> : null}
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
      <DerivationFacts report={report} />
      {report.a && !report.classes ? <SideFacts title={titles.a} side={report.a} /> : null}
      {report.b ? <SideFacts title={titles.b} side={report.b} /> : null}
      {chosen || (isEmpty(report) && report.findings.length === 0) ? null : (
        <FindingList findings={report.findings} empty="Nothing to report: the pictures fit." />
      )}
    </div>
  )
}
