import type { z } from 'zod'

/** What kind of data a project reads, as data. Its options are stored in project.json; folders are relative to it where they lie inside. */
export type DatasetDeclaration<Options extends z.ZodObject> = {
  id: string
  label: string
  /** In three or four words, where one kind is chosen among all. */
  shortLabel: string
  summary: string
  options: Options
}

export function declareDataset<Options extends z.ZodObject>(
  declaration: DatasetDeclaration<Options>,
): DatasetDeclaration<Options> {
  return declaration
}
