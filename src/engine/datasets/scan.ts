import { createHash } from 'node:crypto'
import type { DatasetConfig } from '../../core/datasets/index.ts'
import type { Derivation } from '../../core/datasets/derivedPairs.ts'
import type { SideSummary, SplitName } from '../../core/datasets/report.ts'
import { regionBox } from '../imaging/picture.ts'
import { catalogue, type KnownPicture } from './catalogue.ts'
import { findInClasses } from './findInClasses.ts'
import { findInPairs, findInSingles, thinOut, type KnownPair, type KnownSingle } from './findings.ts'
import { datasetReaders } from './readers.ts'
import {
  finding,
  sides,
  type Candidate,
  type DatasetReport,
  type Finding,
  type Found,
  type Side,
  type Single,
} from './reader.ts'
import { dealSplits } from './split.ts'

type Examined = { candidate: Candidate; known: Partial<Record<Side, KnownPicture>> }

const isPair = ({ a, b }: Candidate): boolean => a !== null && b !== null

/** What there is of a candidate to read: its sides' files, one where both are the same. */
function filesOf({ a, b }: Candidate): { side: Side; path: string }[] {
  const all = [
    ...(a ? [{ side: 'a' as const, path: a.path }] : []),
    ...(b ? [{ side: 'b' as const, path: b.path }] : []),
  ]
  return a?.path === b?.path ? all.slice(0, 1) : all
}

function brokenFindings({ candidate, known }: Examined): Finding[] {
  return filesOf(candidate).flatMap(({ side, path }) => {
    const refusal = known[side]?.refusal
    if (!refusal) return []
    const message = `${refusal.message} ${leftOut(candidate)}`
    return [finding('error', refusal.code, message, refusal.remedy, path)]
  })
}

const leftOut = (candidate: Candidate) => (isPair(candidate) ? 'Its pair is left out.' : 'It is left out.')

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
  const pictures = examined.flatMap(({ known }) => known[side] ?? [])
  const wanted = channelsOf(pictures)
  const label = side.toUpperCase()
  const odd = examined.filter(({ known }) => known[side] && !canBecome(known[side].channels, wanted))
  for (const { candidate, known } of odd)
    findings.push(
      finding(
        'error',
        'channels-unlike',
        `${candidate.name}: ${label} has ${known[side]?.channels ?? 0} channels where the others have ${wanted}. ${leftOut(candidate)}`,
        'Use pictures with the same channels throughout.',
        candidate[side]?.path,
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

/** One side of an examined candidate with its split: a picture that is known. */
function placeSide({ candidate, known }: Examined, side: Side, split: SplitName): KnownSingle[] {
  const [file, picture] = [candidate[side], known[side]]
  if (!file || !picture) return []
  const { widthPx, heightPx } = regionBox(picture.widthPx, picture.heightPx, file.region)
  const { name, truePairKey, label = null } = candidate
  return [
    {
      name,
      label,
      split,
      file: { path: file.path },
      region: file.region,
      widthPx,
      heightPx,
      known: picture,
      truePairKey,
    },
  ]
}

function pairUp(name: string, split: SplitName, a: KnownSingle, b: KnownSingle): KnownPair {
  const side = ({ file, region, widthPx, heightPx }: KnownSingle) => ({ file, region, widthPx, heightPx })
  return { name, split, a: side(a), b: side(b), knownA: a.known, knownB: b.known }
}

type Placed = { pairs: KnownPair[]; singles: Record<Side, KnownSingle[]> }

/** Deals each group, and puts together what belongs together: pairs, and held-out pictures that show the same thing. */
function place(groups: readonly Examined[][], found: Found, findings: Finding[]): Placed {
  const placed: Placed = { pairs: [], singles: { a: [], b: [] } }
  for (const group of groups) {
    const candidates = group.map(({ candidate }) => candidate)
    const dealt = dealSplits(candidates, found.split, found.isPaired ? 'pair' : 'picture')
    findings.push(...dealt.findings)
    group.forEach((entry, index) => {
      const split = dealt.splits[index] ?? 'train'
      const [a] = placeSide(entry, 'a', split)
      const [b] = placeSide(entry, 'b', split)
      if (a && b) placed.pairs.push(pairUp(entry.candidate.name, split, a, b))
      else if (a) placed.singles.a.push(a)
      else if (b) placed.singles.b.push(b)
    })
  }
  const keyOf = ({ truePairKey, split }: KnownSingle) => `${split} ${truePairKey ?? ''}`
  const partners = new Map(placed.singles.b.map((single) => [keyOf(single), single]))
  for (const a of placed.singles.a) {
    const b = a.truePairKey === null || a.split === 'train' ? undefined : partners.get(keyOf(a))
    if (b) placed.pairs.push(pairUp(a.name, a.split, a, b))
  }
  return placed
}

type Sized = { known: KnownPicture; widthPx: number; heightPx: number }

function summarise(pictures: readonly Sized[]): SideSummary | null {
  if (pictures.length === 0) return null
  const known = pictures.map((picture) => picture.known)
  const sizes = pictures
    .map(({ widthPx, heightPx }): [number, number] => [widthPx, heightPx])
    .sort((x, y) => x[0] * x[1] - y[0] * y[1])
  return {
    pictures: pictures.length,
    channels: channelsOf(known),
    bitDepth: known.some(({ bitDepth }) => bitDepth === 16) ? 16 : 8,
    smallestPx: sizes[0] ?? [0, 0],
    largestPx: sizes.at(-1) ?? [0, 0],
  }
}

function sidesOf({ pairs, singles }: Placed, isPaired: boolean): Record<Side, Sized[]> {
  if (!isPaired) return singles
  return {
    a: pairs.map(({ a, knownA }) => ({ ...a, known: knownA })),
    b: pairs.map(({ b, knownB }) => ({ ...b, known: knownB })),
  }
}

/** What A is once it was computed from B. */
function afterDerivation(b: SideSummary | null, { grey, edges, downscale }: Derivation): SideSummary | null {
  const smaller = ([width, height]: [number, number]): [number, number] => [
    Math.max(1, Math.floor(width / downscale)),
    Math.max(1, Math.floor(height / downscale)),
  ]
  return (
    b && {
      ...b,
      channels: grey || edges ? 1 : b.channels,
      smallestPx: smaller(b.smallestPx),
      largestPx: smaller(b.largestPx),
    }
  )
}

function fingerprintOf({ pairs, singles }: Placed, { isPaired, derivation }: Found): string {
  const hash = createHash('sha256')
  for (const { name, split, a, b, knownA, knownB } of isPaired ? pairs : [])
    hash.update(JSON.stringify([name, split, a.region, knownA.sha256, b.region, knownB.sha256]))
  for (const side of isPaired ? [] : sides)
    for (const { name, split, region, known, truePairKey, label } of singles[side])
      hash.update(
        JSON.stringify([
          side,
          name,
          split,
          region,
          known.sha256,
          truePairKey,
          ...(label === null ? [] : [label]),
        ]),
      )
  if (derivation) hash.update(JSON.stringify(derivation))
  return hash.digest('hex')
}

function countSplits({ pairs, singles }: Placed, isPaired: boolean): DatasetReport['counts'] {
  const count = (entries: readonly { split: SplitName }[], split: SplitName) =>
    entries.filter((entry) => entry.split === split).length
  const of = (split: SplitName) =>
    isPaired ? count(pairs, split) : Math.max(count(singles.a, split), count(singles.b, split))
  return { train: of('train'), val: of('val'), test: of('test') }
}

const bareSingle = ({ known: _, truePairKey: __, ...single }: KnownSingle): Single => single

/**
 * Reads a data set: which pairs or pictures there are, in which split, what they are, and what is wrong with them. Broken
 * and unmatched files are left out and named; nothing is ever written to the pictures.
 * @param projectFolder folders of the configuration are relative to it; keeps `cache/pictures.json`
 * @throws Refused `dataset-folder-missing`, `derivation-none`, `option-unknown`, `option-invalid`
 */
export async function scanDataset(
  config: DatasetConfig,
  projectFolder: string,
  signal?: AbortSignal,
  { cropSizePx }: { cropSizePx?: number } = {},
): Promise<DatasetReport> {
  const found = await datasetReaders[config.kind](config.options, projectFolder)
  const { isPaired, derivation, classes = null } = found
  const findings = [...found.findings]
  const whole = await examine(found, projectFolder, findings, signal)
  const placed = place(whole, found, findings)
  const { a, b } = sidesOf(placed, isPaired)
  const more = isPaired
    ? findInPairs(placed.pairs, cropSizePx)
    : classes
      ? findInClasses(placed.singles.b, classes, cropSizePx)
      : findInSingles(placed.singles, cropSizePx)
  const summaryB = summarise(b)
  return {
    kind: config.kind,
    fingerprint: fingerprintOf(placed, found),
    pairs: placed.pairs.map(({ name, split, a, b }) => ({ name, split, a, b })),
    unpaired: isPaired ? null : { a: placed.singles.a.map(bareSingle), b: placed.singles.b.map(bareSingle) },
    derivation,
    classes,
    counts: countSplits(placed, isPaired),
    a: classes ? summaryB : derivation ? afterDerivation(summaryB, derivation) : summarise(a),
    b: summaryB,
    findings: thinOut(sortByLevel([...findings, ...more])),
  }
}

/** Opens every file once, tells what is broken, and leaves that out. */
async function examine(
  found: Found,
  projectFolder: string,
  findings: Finding[],
  signal: AbortSignal | undefined,
): Promise<Examined[][]> {
  const paths = found.groups.flat().flatMap((candidate) => filesOf(candidate).map(({ path }) => path))
  const onUnwritable = ({ message, remedy }: { message: string; remedy: string }) =>
    findings.push(finding('note', 'cache-not-kept', `What was found could not be kept. ${message}`, remedy))
  const known = await catalogue(paths, projectFolder, onUnwritable, signal)
  const lookUp = (candidate: Candidate): Examined => {
    const of = (side: Side) => (candidate[side] ? { [side]: known.get(candidate[side].path) } : {})
    return { candidate, known: { ...of('a'), ...of('b') } }
  }
  const groups = found.groups.map((group) => group.map(lookUp))
  findings.push(...groups.flat().flatMap(brokenFindings))
  return groups.map((group) => {
    let whole = group.filter(({ known: { a, b } }) => !a?.refusal && !b?.refusal)
    for (const side of sides)
      if (group.some(({ candidate }) => candidate[side])) whole = settleSide(side, whole, findings)
    return whole
  })
}

const levels = ['error', 'warning', 'note'] as const
function sortByLevel(findings: readonly Finding[]): Finding[] {
  return levels.flatMap((level) => findings.filter((entry) => entry.level === level))
}
