import { z } from 'zod'
import { datasetReportSchema } from '../datasets/report.ts'
import { evaluationRow } from '../evaluation/events.ts'
import { modelHeader } from '../models/modelHeader.ts'
import { backendInfo, projectFile, runConfig, runSummary } from '../project/project.ts'

/** What the doors show of things on disk. Each is made for one kind of file reference (core/files.ts). */
export function createViews<F extends z.ZodType>(file: F) {
  const model = z.strictObject({
    file,
    header: modelHeader,
    bytes: z.number(),
    origin: z.enum(['starter', 'project']),
  })
  const sampleRow = z.strictObject({ name: z.string(), visuals: z.record(z.string(), file) })
  return {
    project: z.strictObject({ folder: file, project: projectFile, cover: file.nullable() }),
    dataset: datasetReportSchema(file),
    model,
    run: z.strictObject({
      summary: runSummary,
      config: runConfig,
      /** Thinned to a few thousand points; losses by name. */
      metrics: z.array(
        z.strictObject({
          step: z.number(),
          losses: z.record(z.string(), z.number()),
          learningRate: z.number(),
        }),
      ),
      samples: z.array(z.strictObject({ step: z.number().int(), items: z.array(sampleRow) })),
      checkpoints: z.array(
        z.strictObject({
          step: z.number().int(),
          whole: z.boolean(),
          bytes: z.number(),
          validationL1: z.number().nullable(),
        }),
      ),
      /** Scores of saved states, newest scoring of each. */
      evaluations: z.array(evaluationRow),
      model: file.nullable(),
      /** The step whose state the model is; null where none was made yet, or it is not known. */
      modelStep: z.number().int().nullable(),
    }),
    sample: z.strictObject({ id: z.string(), name: z.string(), description: z.string(), cover: file }),
    photo: z.strictObject({ file, title: z.string(), author: z.string(), licence: z.string() }),
    /** A picture ready to be shown: 8-bit sRGB, upright, at most the side asked for. */
    preview: z.strictObject({ file, widthPx: z.number().int(), heightPx: z.number().int() }),
    engine: z.strictObject({
      backend: backendInfo,
      versions: z.record(z.string(), z.string()),
      processId: z.number().int(),
    }),
  }
}
