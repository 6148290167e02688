import type { GenerateOptions } from '../../core/generation/events.ts'
import type { SplitName } from '../../core/datasets/report.ts'
import { refuse } from '../../core/errors.ts'
import { nearest } from '../../core/options/parse.ts'
import { randomPermutation } from '../../core/random.ts'

/** What a picture is made of, where it is not made from nothing: the place of its source picture, its name, and which of its results. */
export type SourceOf = { index: number; name: string; variant: number }
/** One picture that is wanted: its class, by its place among the names of classes, and where it goes. */
export type Wanted = { label: number | null; split: SplitName; place: string; source: SourceOf | null }
/** Real pictures of each class, which rare classes are filled up beside; null: they are not. */
export type Balance = Readonly<Record<string, number>> | null

/**
 * All pictures of a data set from nothing, in the order in which they are made: `train/shoe/000001.png`. Classes take turns, so that
 * whatever is there when the work is stopped is balanced as the whole is.
 * @throws Refused `class-unknown`, `option-invalid`, `nothing-lacks`
 */
export function planSet(options: GenerateOptions, labels: readonly string[], balance: Balance): Wanted[] {
  const counts = countsOf(options, labels, balance)
  const splits = new Map(counts.map(({ label, count }) => [label, dealSplits(count, options, label ?? 0)]))
  const most = Math.max(...counts.map(({ count }) => count))
  const wanted: Wanted[] = []
  for (let turn = 0; turn < most; turn += 1)
    for (const { label, count } of counts) {
      if (turn >= count) continue
      const split = splits.get(label)?.[turn] ?? 'train'
      wanted.push({ label, split, place: placeOf(split, label, labels, turn), source: null })
    }
  return wanted
}

/** `train/shoe/000001.png` for the first of a class. */
export function placeOf(
  split: SplitName,
  label: number | null,
  labels: readonly string[],
  turn: number,
): string {
  const folder = label === null ? split : `${split}/${folderName(labels[label] ?? '')}`
  return `${folder}/${String(turn + 1).padStart(6, '0')}.png`
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

function countsOf(options: GenerateOptions, labels: readonly string[], balance: Balance): Count[] {
  const { count } = options
  const asked = readClasses(options, labels)
  if (labels.length === 0) return [{ label: null, count }]
  if (balance) return lacking(asked, labels, balance, options)
  const shared = asked.filter(({ own }) => own === null).length
  let given = 0
  return asked.map(({ label, own }) => {
    if (own !== null) return { label, count: own }
    given += 1
    return { label, count: Math.floor((count * given) / shared) - Math.floor((count * (given - 1)) / shared) }
  })
}

/** A class that is asked for, and how many of it where that is said. */
export type Asked = { label: number; own: number | null }

/** The classes that are asked for; all where none is named. @throws Refused `class-unknown`, `option-invalid` */
export function readClasses(
  { classes, balance, balanceTo }: GenerateOptions,
  labels: readonly string[],
): Asked[] {
  const named = classes
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  const isBalanced = balance || balanceTo !== null
  if (labels.length === 0 && (named.length > 0 || isBalanced))
    throw refuse(
      'class-unknown',
      'The model knows no classes.',
      'Leave the classes and their balance out, or choose a model of the recipe cgan.',
    )
  const asked =
    named.length > 0
      ? named.map((one) => readClass(one, labels))
      : labels.map((_, label) => ({ label, own: null }))
  if (isBalanced && asked.some(({ own }) => own !== null))
    throw refuse(
      'option-invalid',
      'How many of a class is said twice: by a number and by the balance.',
      'Leave out the numbers of --classes, or the balance.',
    )
  return asked
}

/**
 * How many each of these classes lacks to the largest real one, or to the number that was asked for.
 * @throws Refused `nothing-lacks` where none lacks any
 */
export function lacking(
  asked: readonly Asked[],
  labels: readonly string[],
  balance: Readonly<Record<string, number>>,
  { balanceTo }: GenerateOptions,
): { label: number; count: number }[] {
  const target = balanceTo ?? Math.max(...Object.values(balance))
  const counts = asked.map(({ label }) => ({
    label,
    count: Math.max(0, target - (balance[labels[label] ?? ''] ?? 0)),
  }))
  if (counts.some(({ count }) => count > 0)) return counts
  throw refuse(
    'nothing-lacks',
    `Every class has ${target} real pictures or more: there is nothing to fill up.`,
    'Ask for more of each (--balance-to), or say how many to make (--count).',
  )
}

/** `shoe` or `shoe=500`. A class may have an equals sign in its name. */
function readClass(text: string, labels: readonly string[]): Asked {
  const whole = labels.indexOf(text)
  if (whole >= 0) return { label: whole, own: null }
  const [, name = text, number = ''] = /^(.*?)\s*=\s*(\d+)$/.exec(text) ?? []
  const label = labels.indexOf(name)
  if (label >= 0 && number !== '') return { label, own: Number(number) }
  const meant = nearest(name, labels)
  throw refuse(
    'class-unknown',
    `There is no class ${JSON.stringify(name.slice(0, 80))}.`,
    meant ? `Did you mean ${meant}?` : `There are: ${labels.slice(0, 20).join(', ')}.`,
  )
}

/** The splits of a class's pictures: exact shares, dealt by a seeded order. @throws Refused `option-invalid` */
export function dealSplits(
  count: number,
  { seed, validationShare, testShare }: Pick<GenerateOptions, 'seed' | 'validationShare' | 'testShare'>,
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
