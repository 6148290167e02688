import { readDerivedPairs } from './derivedPairs.ts'
import { readPairedFolders } from './pairedFolders.ts'
import type { DatasetReaders } from './reader.ts'
import { readSideBySide } from './sideBySide.ts'
import { readUnpairedFolders } from './unpairedFolders.ts'

export const datasetReaders = {
  'paired-folders': readPairedFolders,
  'side-by-side': readSideBySide,
  'unpaired-folders': readUnpairedFolders,
  'derived-pairs': readDerivedPairs,
} satisfies DatasetReaders
