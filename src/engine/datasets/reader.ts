import type { z } from 'zod'
import type { Derivation } from '../../core/datasets/derivedPairs.ts'
import type { DatasetKindId } from '../../core/datasets/index.ts'
import type {
  datasetReportSchema,
  findingSchema,
  PictureRegion,
  SplitName,
} from '../../core/datasets/report.ts'
import type { fileOnDisk } from '../../core/files.ts'

export type DatasetReport = z.infer<ReturnType<typeof datasetReportSchema<typeof fileOnDisk>>>
export type Finding = z.infer<ReturnType<typeof findingSchema<typeof fileOnDisk>>>
export type Pair = DatasetReport['pairs'][number]
export type Single = NonNullable<DatasetReport['unpaired']>['a'][number]

export type Side = 'a' | 'b'
export const sides = ['a', 'b'] as const satisfies readonly Side[]

/** A picture of one side before its file has been opened. */
export type SideFile = { path: string; region: PictureRegion }

/**
 * What stays together when it is dealt: both sides of a pair, or one picture that has no partner; as file names tell it.
 * `split` is null where no folder says it. Held-out pictures of equal `truePairKey` on both sides are a true pair.
 */
export type Candidate = {
  name: string
  split: SplitName | null
  a: SideFile | null
  b: SideFile | null
  truePairKey: string | null
  /** Its class, by its place among the names of classes. Only where there is one side. */
  label?: number | null
}

/** What every kind shares: how pictures are dealt where folders do not say it. */
export type SplitOptions = { validationShare: number; testShare: number; splitSeed: number }

export type Found = {
  /** Each group is dealt on its own: all pairs are one group, the two sides of unpaired data are two. */
  groups: Candidate[][]
  isPaired: boolean
  /** Names of classes, where there is one side alone; it may have none. */
  classes?: string[]
  derivation: Derivation | null
  findings: Finding[]
  split: SplitOptions
}

/**
 * Finds the pictures of one kind by names alone. It parses its options by its own declaration first.
 * @param options as project.json stores them
 * @param projectFolder what relative folders are relative to
 */
export type DatasetReader = (options: unknown, projectFolder: string) => Promise<Found>

/** A kind without a reader does not compile. */
export type DatasetReaders = { [Id in DatasetKindId]: DatasetReader }

export function finding(
  level: Finding['level'],
  code: string,
  message: string,
  remedy: string,
  path?: string,
): Finding {
  return { level, code, message, remedy, file: path === undefined ? null : { path } }
}
