import type { z } from 'zod'
import { folderPairs } from './folderPairs.ts'
import { labelledSet } from './labelledSet.ts'
import { pictures } from './pictures.ts'
import { sideBySidePairs } from './sideBySidePairs.ts'

export const exporters = {
  pictures,
  'side-by-side-pairs': sideBySidePairs,
  'folder-pairs': folderPairs,
  'labelled-set': labelledSet,
} as const

export type ExporterId = keyof typeof exporters
export type ExporterOptionsOf<Id extends ExporterId> = z.infer<(typeof exporters)[Id]['options']>
export const exporterIds = Object.keys(exporters) as ExporterId[]
