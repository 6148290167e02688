import { basename } from 'node:path'
import { countInWords } from '../../core/words.ts'
import type { KnownPicture } from './catalogue.ts'
import { finding, sides, type Finding, type Pair, type Side, type Single } from './reader.ts'

const FEW_PAIRS = 20
const MOST_OF_A_KIND = 25

export type KnownPair = Pair & { knownA: KnownPicture; knownB: KnownPicture }
export type KnownSingle = Single & { known: KnownPicture; truePairKey: string | null }

const sizeOf = (side: Pair['a']) => `${side.widthPx} x ${side.heightPx}`

function findSizes(pair: KnownPair): Finding[] {
  const { a, b, name } = pair
  if (a.widthPx === b.widthPx && a.heightPx === b.heightPx) return []
  const isSameShape =
    Math.abs(a.widthPx * b.heightPx - b.widthPx * a.heightPx) <= Math.max(a.widthPx, b.widthPx)
  const message = `${name}: A is ${sizeOf(a)} px and B is ${sizeOf(b)} px.`
  if (isSameShape)
    return [
      finding('note', 'sizes-differ', message, 'Both are resized to the same training size.', a.file.path),
    ]
  return [
    finding(
      'warning',
      'shapes-differ',
      message,
      'Their shapes differ, so they will not lie on each other. Crop both to the same view.',
      a.file.path,
    ),
  ]
}

function findRotation({ knownA, knownB, a, name }: KnownPair): Finding[] {
  if (knownA.orientation === knownB.orientation) return []
  return [
    finding(
      'warning',
      'rotation-differs',
      `${name}: A and B are turned differently by their EXIF orientation (${knownA.orientation} and ${knownB.orientation}).`,
      'Both are turned upright before use. Look at the pair, and save both without an orientation if they do not match.',
      a.file.path,
    ),
  ]
}

const smallestOf = ({ a, b }: KnownPair) => Math.min(a.widthPx, a.heightPx, b.widthPx, b.heightPx)

function findSamePicture({ knownA, knownB, a, b, name }: KnownPair): Finding[] {
  if (a.file.path === b.file.path || knownA.sha256 !== knownB.sha256) return []
  return [
    finding(
      'warning',
      'before-equals-after',
      `${name}: A and B are the same file content.`,
      'There is nothing to learn from it. Replace one of the two.',
      a.file.path,
    ),
  ]
}

function findNotWide({ knownA, a }: KnownPair): Finding[] {
  if (a.region === 'whole') return []
  const file = basename(a.file.path)
  if (knownA.widthPx % 2 === 1)
    return [
      finding(
        'note',
        'odd-width',
        `${file} is ${knownA.widthPx} px wide: its middle column belongs to neither half.`,
        'Nothing needs to be done.',
        a.file.path,
      ),
    ]
  if (knownA.widthPx >= knownA.heightPx) return []
  return [
    finding(
      'warning',
      'not-side-by-side',
      `${file} is higher than it is wide.`,
      'Check that it holds A on its left half and B on its right half.',
      a.file.path,
    ),
  ]
}

function findSmall(
  name: string,
  smallestPx: number,
  path: string,
  cropSizePx: number | undefined,
): Finding[] {
  if (cropSizePx === undefined || smallestPx >= cropSizePx) return []
  return [
    finding(
      'warning',
      'smaller-than-crop',
      `${name} is ${smallestPx} px on its shortest side, less than the training square of ${cropSizePx} px.`,
      'It is enlarged, which adds no detail. Use larger pictures, or a smaller training square.',
      path,
    ),
  ]
}

/** The same content on both sides in two splits: the score would be won by remembering. */
function findLeaks(pairs: readonly KnownPair[]): Finding[] {
  const first = new Map<string, KnownPair>()
  const findings: Finding[] = []
  for (const pair of pairs) {
    for (const [side, hash] of [['A', pair.knownA.sha256] as const, ['B', pair.knownB.sha256] as const]) {
      const earlier = first.get(`${side}${hash}`)
      if (!earlier) first.set(`${side}${hash}`, pair)
      else if (earlier.split !== pair.split) {
        findings.push(
          finding(
            'warning',
            'duplicate-across-splits',
            `${pair.name} (${pair.split}) has the same ${side} as ${earlier.name} (${earlier.split}).`,
            'Scores on it are too good to be true. Remove one of the two, or put both into the same split.',
            side === 'A' ? pair.a.file.path : pair.b.file.path,
          ),
        )
        break
      }
    }
  }
  return findings
}

function findAlpha(count: number, what: 'pair' | 'picture'): Finding[] {
  if (count === 0) return []
  return [
    finding(
      'note',
      'alpha-ignored',
      `${countInWords(count, what)} ${count === 1 ? 'has' : 'have'} transparency, which is not trained on.`,
      'Lay them on a background first if the transparent parts matter.',
    ),
  ]
}

function findAmount(pairs: readonly KnownPair[]): Finding[] {
  const train = pairs.filter((pair) => pair.split === 'train').length
  if (pairs.length === 0)
    return [
      finding(
        'error',
        'dataset-empty',
        'There is no pair to train on.',
        'Add pictures of the same names to both folders, or choose other folders.',
      ),
    ]
  if (train >= FEW_PAIRS) return []
  return [
    finding(
      'warning',
      'few-pairs',
      `There ${train === 1 ? 'is' : 'are'} only ${countInWords(train, 'pair')} to train on.`,
      'A model learns them by heart. A few hundred pairs are a good start.',
    ),
  ]
}

/** At most a few of each kind in full, and the number of the rest, so that 10,000 of them can be read. */
export function thinOut(findings: readonly Finding[]): Finding[] {
  const byCode = Map.groupBy(findings, ({ code }) => code)
  return [...byCode.values()].flatMap((group) => {
    const kept = group.slice(0, MOST_OF_A_KIND)
    const last = group[MOST_OF_A_KIND]
    if (!last) return kept
    const rest = group.length - MOST_OF_A_KIND
    return [
      ...kept,
      { ...last, message: `And ${countInWords(rest, 'more', 'more')} of the same kind.`, file: null },
    ]
  })
}

/** Everything worth saying of pairs that can be read. */
export function findInPairs(pairs: readonly KnownPair[], cropSizePx: number | undefined): Finding[] {
  const transparent = pairs.filter(({ knownA, knownB }) => knownA.hasAlpha || knownB.hasAlpha).length
  const each = pairs.flatMap((pair) => [
    ...findRotation(pair),
    ...findSizes(pair),
    ...findSamePicture(pair),
    ...findNotWide(pair),
    ...findSmall(pair.name, smallestOf(pair), pair.a.file.path, cropSizePx),
  ])
  return [...findAmount(pairs), ...findLeaks(pairs), ...each, ...findAlpha(transparent, 'pair')]
}

const FEW_PICTURES = 20

function findFewSingles(side: Side, singles: readonly KnownSingle[]): Finding[] {
  const label = side.toUpperCase()
  const train = singles.filter(({ split }) => split === 'train').length
  if (train === 0)
    return [
      finding(
        'error',
        'dataset-empty',
        `There is no picture in ${label} to train on.`,
        `Add pictures to ${label}, or choose another folder.`,
      ),
    ]
  if (train >= FEW_PICTURES) return []
  return [
    finding(
      'warning',
      'few-pictures',
      `${label} has only ${countInWords(train, 'picture')} to train on.`,
      'Its look is learned by heart. A few hundred pictures a side are a good start.',
    ),
  ]
}

/** One picture in both looks, or in two splits of one side. */
function findRepeated(singles: Readonly<Record<Side, readonly KnownSingle[]>>): Finding[] {
  const inA = new Map(singles.a.map((single) => [single.known.sha256, single]))
  const both = singles.b.flatMap((b) => {
    const a = inA.get(b.known.sha256)
    if (!a) return []
    return [
      finding(
        'warning',
        'same-in-both',
        `${basename(a.file.path)} in A and ${basename(b.file.path)} in B are the same picture.`,
        'A picture cannot have both looks. Remove it from one of the two.',
        b.file.path,
      ),
    ]
  })
  return [...both, ...sides.flatMap((side) => findLeaksIn(singles[side], ` of ${side.toUpperCase()}`))]
}

/** Pictures that are in two splits at once. `where` says in which look, if there are two. */
export function findLeaksIn(singles: readonly KnownSingle[], where = ''): Finding[] {
  const first = new Map<string, KnownSingle>()
  return singles.flatMap((single) => {
    const earlier = first.get(single.known.sha256)
    if (!earlier) first.set(single.known.sha256, single)
    if (!earlier || earlier.split === single.split) return []
    return [
      finding(
        'warning',
        'duplicate-across-splits',
        `${single.name} (${single.split}) is the same picture${where} as ${earlier.name} (${earlier.split}).`,
        'Scores on it are too good to be true. Remove one of the two, or put both into the same split.',
        single.file.path,
      ),
    ]
  })
}

/** Everything worth saying of pictures without partners. */
export function findInSingles(
  singles: Readonly<Record<Side, readonly KnownSingle[]>>,
  cropSizePx: number | undefined,
): Finding[] {
  const all = sides.flatMap((side) => singles[side])
  const transparent = all.filter(({ known }) => known.hasAlpha).length
  return [
    ...sides.flatMap((side) => findFewSingles(side, singles[side])),
    ...findRepeated(singles),
    ...all.flatMap(({ name, widthPx, heightPx, file }) =>
      findSmall(name, Math.min(widthPx, heightPx), file.path, cropSizePx),
    ),
    ...findAlpha(transparent, 'picture'),
  ]
}
