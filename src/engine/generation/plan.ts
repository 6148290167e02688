import type { GenerateOptions } from '../../core/generation/events.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import { refuse } from '../../core/errors.ts'
import { nearest } from '../../core/options/parse.ts'
import { randomPermutation } from '../../core/random.ts'

/** One picture that is wanted: its class, by its place among the model's, and where it goes. */
export type Wanted = { label: number | null; split: SplitName; place: string }

/**
 * All pictures of a data set, in the order in which they are made: `train/shoe/000001.png`. Classes take turns, so that whatever is
 * there when the work is stopped is balanced as the whole is.
 * @throws Refused `class-unknown`, `option-invalid`
 */
export function planSet(options: GenerateOptions, labels: readonly string[]): Wanted[] {
  const counts = countsOf(options, labels)
  const splits = new Map(counts.map(({ label, count }) => [label, dealSplits(count, options, label ?? 0)]))
  const most = Math.max(...counts.map(({ count }) => count))
  const wanted: Wanted[] = []
  for (let turn = 0; turn < most; turn += 1)
    for (const { label, count } of counts) {
      if (turn >= count) continue
      const split = splits.get(label)?.[turn] ?? 'train'
      const number = String(turn + 1).padStart(6, '0')
      const folder = label === null ? split : `${split}/${folderName(labels[label] ?? '')}`
      wanted.push({ label, split, place: `${folder}/${number}.png` })
    }
  return wanted
}

/** A class as a folder: what some system cannot hold becomes a dash. */
export function folderName(label: string): string {
  const kept = label
    .normalize('NFC')
    .replace(/[\\/:*?"<>|\u0000-\u001f]+/g, '-')
    .replace(/^[. ]+|[. ]+$/g, '')
  return kept || 'class'
}

type Count = { label: number | null; count: number }

function countsOf({ count, classes }: GenerateOptions, labels: readonly string[]): Count[] {
  const asked = classes
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  if (labels.length === 0) {
    if (asked.length === 0) return [{ label: null, count }]
    throw refuse(
      'class-unknown',
      'The model knows no classes.',
      'Leave the classes out, or choose a model of the recipe cgan.',
    )
  }
  const wanted =
    asked.length > 0
      ? asked.map((one) => readClass(one, labels))
      : labels.map((_, label) => ({ label, own: null }))
  const shared = wanted.filter(({ own }) => own === null).length
  let given = 0
  return wanted.map(({ label, own }) => {
    if (own !== null) return { label, count: own }
    given += 1
    return { label, count: Math.floor((count * given) / shared) - Math.floor((count * (given - 1)) / shared) }
  })
}

/** `shoe` or `shoe=500`. A class may have an equals sign in its name. */
function readClass(text: string, labels: readonly string[]): { label: number; own: number | null } {
  const whole = labels.indexOf(text)
  if (whole >= 0) return { label: whole, own: null }
  const [, name = text, number = ''] = /^(.*?)\s*=\s*(\d+)$/.exec(text) ?? []
  const label = labels.indexOf(name)
  if (label >= 0 && number !== '') return { label, own: Number(number) }
  const meant = nearest(name, labels)
  throw refuse(
    'class-unknown',
    `The model knows no class ${JSON.stringify(name.slice(0, 80))}.`,
    meant ? `Did you mean ${meant}?` : `It knows: ${labels.slice(0, 20).join(', ')}.`,
  )
}

/** The splits of a class's pictures: exact shares, dealt by a seeded order. */
function dealSplits(
  count: number,
  { seed, validationShare, testShare }: GenerateOptions,
  label: number,
): SplitName[] {
  if (validationShare + testShare >= 1)
    throw refuse(
      'option-invalid',
      'The shares for validation and test leave nothing to train on.',
      'Give shares that come to less than 1.',
    )
  const [val, test] = [Math.round(count * validationShare), Math.round(count * testShare)]
  const splits = new Array<SplitName>(count).fill('train')
  for (const [rank, index] of randomPermutation(count, seed, label).entries())
    if (rank < val) splits[index] = 'val'
    else if (rank < val + test) splits[index] = 'test'
  return splits
}
