import { basename } from 'node:path'
import { countInWords } from '../../core/words.ts'
import type { KnownPicture } from './catalogue.ts'
import { finding, type Finding, type Pair } from './reader.ts'

const FEW_PAIRS = 20
const MOST_OF_A_KIND = 25

export type KnownPair = Pair & { knownA: KnownPicture; knownB: KnownPicture }

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

function findNotWide({ knownA, a, b }: KnownPair): Finding[] {
  if (a.file.path !== b.file.path) return []
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

function findSmall(pair: KnownPair, cropSizePx: number): Finding[] {
  const smallest = Math.min(pair.a.widthPx, pair.a.heightPx, pair.b.widthPx, pair.b.heightPx)
  if (smallest >= cropSizePx) return []
  return [
    finding(
      'warning',
      'smaller-than-crop',
      `${pair.name} is ${smallest} px on its shortest side, less than the training square of ${cropSizePx} px.`,
      'It is enlarged, which adds no detail. Use larger pictures, or a smaller training square.',
      pair.a.file.path,
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

function findAlpha(pairs: readonly KnownPair[]): Finding[] {
  const count = pairs.filter(({ knownA, knownB }) => knownA.hasAlpha || knownB.hasAlpha).length
  if (count === 0) return []
  return [
    finding(
      'note',
      'alpha-ignored',
      `${countInWords(count, 'pair')} ${count === 1 ? 'has' : 'have'} transparency, which is not trained on.`,
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
  const each = pairs.flatMap((pair) => [
    ...findRotation(pair),
    ...findSizes(pair),
    ...findSamePicture(pair),
    ...findNotWide(pair),
    ...(cropSizePx === undefined ? [] : findSmall(pair, cropSizePx)),
  ])
  return [...findAmount(pairs), ...findLeaks(pairs), ...each, ...findAlpha(pairs)]
}
