import { readPairedFolders } from './pairedFolders.ts'
import type { DatasetReaders } from './reader.ts'
import { readSideBySide } from './sideBySide.ts'

export const datasetReaders = {
  'paired-folders': readPairedFolders,
  'side-by-side': readSideBySide,
} satisfies DatasetReaders
