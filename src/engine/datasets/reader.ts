import type { z } from 'zod'
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

/** One side of a pair before its file has been opened. */
export type PairSide = { path: string; region: PictureRegion }

/** A pair as file names tell it. `split` is null where no folder says it. */
export type PairCandidate = { name: string; split: SplitName | null; a: PairSide; b: PairSide }

/** What every kind shares: how pairs are dealt where folders do not say it. */
export type SplitOptions = { validationShare: number; testShare: number; splitSeed: number }

export type FoundPairs = { pairs: PairCandidate[]; findings: Finding[]; split: SplitOptions }

/**
 * Finds the pairs of one kind by names alone. It parses its options by its own declaration first.
 * @param options as project.json stores them
 * @param projectFolder what relative folders are relative to
 */
export type DatasetReader = (options: unknown, projectFolder: string) => Promise<FoundPairs>

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
