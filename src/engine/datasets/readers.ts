import { readDerivedPairs } from './derivedPairs.ts'
import { readPairedFolders } from './pairedFolders.ts'
import { readPictureFolder } from './pictureFolder.ts'
import type { DatasetReaders } from './reader.ts'
import { readSideBySide } from './sideBySide.ts'
import { readUnpairedFolders } from './unpairedFolders.ts'

export const datasetReaders = {
  'paired-folders': readPairedFolders,
  'side-by-side': readSideBySide,
  'unpaired-folders': readUnpairedFolders,
  'derived-pairs': readDerivedPairs,
  'picture-folder': readPictureFolder,
} satisfies DatasetReaders
