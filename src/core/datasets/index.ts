import { z } from 'zod'
import { derivedPairs } from './derivedPairs.ts'
import { pairedFolders } from './pairedFolders.ts'
import { pictureFolder } from './pictureFolder.ts'
import { sideBySide } from './sideBySide.ts'
import { unpairedFolders } from './unpairedFolders.ts'

export const datasetKinds = {
  'paired-folders': pairedFolders,
  'unpaired-folders': unpairedFolders,
  'derived-pairs': derivedPairs,
  'side-by-side': sideBySide,
  'picture-folder': pictureFolder,
} as const

export type DatasetKindId = keyof typeof datasetKinds
export type DatasetOptionsOf<Id extends DatasetKindId> = z.infer<(typeof datasetKinds)[Id]['options']>
export const datasetKindIds = Object.keys(datasetKinds) as DatasetKindId[]

/** A project's data as project.json stores it; the options are parsed by the kind's own declaration. */
export const datasetConfig = z.strictObject({
  kind: z.enum(datasetKindIds),
  options: z.record(z.string(), z.unknown()),
})
export type DatasetConfig = z.infer<typeof datasetConfig>
