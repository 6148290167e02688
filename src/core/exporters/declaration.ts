import type { z } from 'zod'

/** A way to hand over results, as data. */
export type ExporterDeclaration<Options extends z.ZodObject> = {
  id: string
  label: string
  summary: string
  options: Options
}

export function declareExporter<Options extends z.ZodObject>(
  declaration: ExporterDeclaration<Options>,
): ExporterDeclaration<Options> {
  return declaration
}
