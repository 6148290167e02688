import { createHash } from 'node:crypto'
import type { DatasetConfig } from '../../core/datasets/index.ts'
import type { SideSummary } from '../../core/datasets/report.ts'
import { regionBox } from '../imaging/picture.ts'
import { catalogue, type KnownPicture } from './catalogue.ts'
import { findInPairs, thinOut, type KnownPair } from './findings.ts'
import { datasetReaders } from './readers.ts'
import { finding, type DatasetReport, type Finding, type PairCandidate, type PairSide } from './reader.ts'
import { dealSplits } from './split.ts'

type Side = 'a' | 'b'
type Examined = { pair: PairCandidate; known: Record<Side, KnownPicture> }

function brokenFindings({ pair, known }: Examined): Finding[] {
  const sides = pair.a.path === pair.b.path ? (['a'] as const) : (['a', 'b'] as const)
  return sides.flatMap((side) => {
    const refusal = known[side].refusal
    if (!refusal) return []
    return [
      finding(
        'error',
        refusal.code,
        `${refusal.message} Its pair is left out.`,
        refusal.remedy,
        pair[side].path,
      ),
    ]
  })
}

/** Channels of the training tensors: grey among colour becomes colour; among data the most frequent number wins. */
function channelsOf(pictures: readonly KnownPicture[]): number {
  const counts = new Map<number, number>()
  for (const { channels } of pictures) counts.set(channels, (counts.get(channels) ?? 0) + 1)
  const best = [...counts].sort((x, y) => y[1] - x[1] || y[0] - x[0])[0]?.[0] ?? 3
  return best === 1 && counts.has(3) ? 3 : best
}

function canBecome(channels: number, wanted: number): boolean {
  return channels === wanted || ([1, 3].includes(channels) && [1, 3].includes(wanted))
}

/** Leaves out what cannot be brought to the side's channels, and says what is mixed. */
function settleSide(side: Side, examined: readonly Examined[], findings: Finding[]): Examined[] {
  const pictures = examined.map(({ known }) => known[side])
  const wanted = channelsOf(pictures)
  const label = side.toUpperCase()
  const odd = examined.filter(({ known }) => !canBecome(known[side].channels, wanted))
  for (const { pair, known } of odd)
    findings.push(
      finding(
        'error',
        'channels-unlike',
        `${pair.name}: ${label} has ${known[side].channels} channels where the others have ${wanted}. Its pair is left out.`,
        'Use pictures with the same channels throughout.',
        pair[side].path,
      ),
    )
  const mixed = pictures.filter(({ channels }) => channels !== wanted).length - odd.length
  if (mixed > 0)
    findings.push(
      finding(
        'note',
        'channels-mixed',
        `${label} holds grey and colour pictures; all are used as ${wanted === 3 ? 'colour' : 'grey'}.`,
        'Nothing needs to be done.',
      ),
    )
  if (new Set(pictures.map(({ bitDepth }) => bitDepth)).size > 1)
    findings.push(
      finding(
        'note',
        'depths-mixed',
        `${label} holds pictures of 8 and of 16 bits; all are read at their own depth.`,
        'Nothing needs to be done.',
      ),
    )
  return examined.filter((entry) => !odd.includes(entry))
}

function sideOf(side: PairSide, known: KnownPicture) {
  const { widthPx, heightPx } = regionBox(known.widthPx, known.heightPx, side.region)
  return { file: { path: side.path }, region: side.region, widthPx, heightPx }
}

function summarise(side: Side, pairs: readonly KnownPair[]): SideSummary | null {
  const first = pairs[0]
  if (!first) return null
  const known = pairs.map((pair) => (side === 'a' ? pair.knownA : pair.knownB))
  const sizes = pairs
    .map((pair): [number, number] => [pair[side].widthPx, pair[side].heightPx])
    .sort((x, y) => x[0] * x[1] - y[0] * y[1])
  return {
    pictures: pairs.length,
    channels: channelsOf(known),
    bitDepth: known.some(({ bitDepth }) => bitDepth === 16) ? 16 : 8,
    smallestPx: sizes[0] ?? [0, 0],
    largestPx: sizes.at(-1) ?? [0, 0],
  }
}

function fingerprintOf(pairs: readonly KnownPair[]): string {
  const hash = createHash('sha256')
  for (const { name, split, a, b, knownA, knownB } of pairs)
    hash.update(JSON.stringify([name, split, a.region, knownA.sha256, b.region, knownB.sha256]))
  return hash.digest('hex')
}

function toPair({ pair, known }: Examined, split: KnownPair['split']): KnownPair {
  return {
    name: pair.name,
    split,
    a: sideOf(pair.a, known.a),
    b: sideOf(pair.b, known.b),
    knownA: known.a,
    knownB: known.b,
  }
}

/**
 * Reads a data set: which pairs there are, in which split, what their pictures are, and what is wrong with them. Broken
 * and unmatched files are left out and named; nothing is ever written to the pictures.
 * @param projectFolder folders of the configuration are relative to it; keeps `cache/pictures.json`
 * @throws Refused `dataset-folder-missing`, `option-unknown`, `option-invalid`
 */
export async function scanDataset(
  config: DatasetConfig,
  projectFolder: string,
  signal?: AbortSignal,
  { cropSizePx }: { cropSizePx?: number } = {},
): Promise<DatasetReport> {
  const found = await datasetReaders[config.kind](config.options, projectFolder)
  const findings = [...found.findings]
  const paths = found.pairs.flatMap(({ a, b }) => [a.path, b.path])
  const onUnwritable = ({ message, remedy }: { message: string; remedy: string }) =>
    findings.push(finding('note', 'cache-not-kept', `What was found could not be kept. ${message}`, remedy))
  const known = await catalogue(paths, projectFolder, onUnwritable, signal)
  const examined = found.pairs.map((pair) => ({
    pair,
    known: { a: known.get(pair.a.path) as KnownPicture, b: known.get(pair.b.path) as KnownPicture },
  }))
  findings.push(...examined.flatMap(brokenFindings))
  let whole: Examined[] = examined.filter((entry) => !entry.known.a.refusal && !entry.known.b.refusal)
  for (const side of ['a', 'b'] as const) whole = settleSide(side, whole, findings)
  const dealt = dealSplits(
    whole.map(({ pair }) => pair),
    found.split,
  )
  const pairs = whole.map((entry, index) => toPair(entry, dealt.splits[index] ?? 'train'))
  findings.push(...dealt.findings, ...findInPairs(pairs, cropSizePx))
  const count = (split: KnownPair['split']) => pairs.filter((pair) => pair.split === split).length
  return {
    kind: config.kind,
    fingerprint: fingerprintOf(pairs),
    pairs: pairs.map(({ name, split, a, b }) => ({ name, split, a, b })),
    counts: { train: count('train'), val: count('val'), test: count('test') },
    a: summarise('a', pairs),
    b: summarise('b', pairs),
    findings: thinOut(sortByLevel(findings)),
  }
}

const levels = ['error', 'warning', 'note'] as const
function sortByLevel(findings: readonly Finding[]): Finding[] {
  return levels.flatMap((level) => findings.filter((entry) => entry.level === level))
}
