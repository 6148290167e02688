import type { Exporters } from './exporter.ts'
import { exportFolderPairs } from './folderPairs.ts'
import { exportPictures } from './pictures.ts'
import { exportSideBySidePairs } from './sideBySidePairs.ts'

export const exporterWriters = {
  pictures: exportPictures,
  'side-by-side-pairs': exportSideBySidePairs,
  'folder-pairs': exportFolderPairs,
} satisfies Exporters
