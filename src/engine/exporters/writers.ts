import type { Exporters } from './exporter.ts'
import { exportFolderPairs } from './folderPairs.ts'
import { exportLabelledSet } from './labelledSet.ts'
import { exportPictures } from './pictures.ts'
import { exportSideBySidePairs } from './sideBySidePairs.ts'

export const exporterWriters = {
  pictures: exportPictures,
  'side-by-side-pairs': exportSideBySidePairs,
  'folder-pairs': exportFolderPairs,
  'labelled-set': exportLabelledSet,
} satisfies Exporters
