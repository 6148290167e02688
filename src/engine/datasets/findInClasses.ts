import { countInWords } from '../../core/words.ts'
import { findLeaksIn, type KnownSingle } from './findings.ts'
import { finding, type Finding } from './reader.ts'

/** Under so many pictures, a generator learns them by heart. */
const FEW_GENERATED = 200
/** A class that has less than this share of an equal one is learned badly: 3 in a hundred of ten classes, 16 of two. */
const SKEWED_SHARE = 1 / 3

function findSkew(train: readonly KnownSingle[], classes: readonly string[]): Finding[] {
  const counts = classes.map((name, label) => ({
    name,
    count: train.filter((one) => one.label === label).length,
  }))
  const equal = train.length / Math.max(1, classes.length)
  return counts
    .filter(({ count }) => count < SKEWED_SHARE * equal)
    .map(({ name, count }) =>
      finding(
        'warning',
        'class-rare',
        `The class ${name} has ${countInWords(count, 'picture')} to train on, where an equal share would be ${Math.round(equal)}.`,
        'What it looks like is learned badly. Add pictures of it, or make some with a model that knows it.',
      ),
    )
}

/** Everything worth saying of one folder of pictures, with or without classes. */
export function findInClasses(
  singles: readonly KnownSingle[],
  classes: readonly string[],
  cropSizePx: number | undefined,
): Finding[] {
  const train = singles.filter(({ split }) => split === 'train')
  const small =
    cropSizePx === undefined ? [] : singles.filter((one) => Math.min(one.widthPx, one.heightPx) < cropSizePx)
  const findings: Finding[] = []
  if (train.length === 0)
    findings.push(
      finding(
        'error',
        'dataset-empty',
        'There is no picture to train on.',
        'Add pictures, or choose another folder.',
      ),
    )
  else if (train.length < FEW_GENERATED)
    findings.push(
      finding(
        'warning',
        'few-pictures',
        `There are only ${countInWords(train.length, 'picture')} to train on.`,
        'They are learned by heart. A thousand are a good start; with fewer, let the judge see changed pictures (--diff-augment).',
      ),
    )
  if (small.length > 0)
    findings.push(
      finding(
        'note',
        'smaller-than-crop',
        `${countInWords(small.length, 'picture')} of ${singles.length} are smaller than the training square of ${cropSizePx} px.`,
        'They are enlarged, which adds no detail. A smaller square learns faster.',
      ),
    )
  return [...findings, ...findSkew(train, classes), ...findLeaksIn(singles)]
}
