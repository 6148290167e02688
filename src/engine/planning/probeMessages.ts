import { z } from 'zod'
import { datasetConfig } from '../../core/datasets/index.ts'
import { datasetReportSchema } from '../../core/datasets/report.ts'
import { refusalSchema } from '../../core/errors.ts'
import { fileOnDisk } from '../../core/files.ts'
import { trainingSettings } from '../../core/project/project.ts'

/** What the process that measures is asked. */
export const probeRequest = z.strictObject({
  /** An empty folder on the project's disk, for saved states and galleries; whoever asks removes it. */
  scratch: z.string(),
  training: trainingSettings,
  steps: z.number().int(),
  dataset: datasetConfig,
  /** The data set, cut down to what is measured with. */
  report: datasetReportSchema(fileOnDisk),
  threads: z.number().int().nullable(),
  /** False: the trainer is made and saved, but no step is taken. */
  takesSteps: z.boolean(),
  /** Sizes of which it is asked whether the networks can work on them. */
  sizesPx: z.array(z.number().int()),
})
export type ProbeRequest = z.infer<typeof probeRequest>

/** What one trainer took and needed, with these settings, data and this machine. Times in milliseconds. */
export const probeResult = z.strictObject({
  architecture: z.string(),
  parameters: z.number().int(),
  /** Null without steps. */
  stepMs: z.number().nullable(),
  galleryRowMs: z.number().nullable(),
  validationMs: z.number().nullable(),
  settingUpMs: z.number(),
  readMs: z.number(),
  saveMs: z.number(),
  saveMsPerByte: z.number(),
  stateBytes: z.number(),
  generatorBytes: z.number(),
  galleryRowBytes: z.number(),
  metricBytes: z.number(),
  /** Resident memory once the trainer was made, and at its peak, with `heldItems` pictures and JavaScript's heap in it. */
  madeBytes: z.number(),
  peakBytes: z.number(),
  heapBytes: z.number(),
  heldItems: z.number().int(),
  legalSizesPx: z.array(z.number().int()),
})
export type ProbeResult = z.infer<typeof probeResult>

export const fromProbe = z.discriminatedUnion('kind', [
  /** A part of the measuring is done. */
  z.strictObject({ kind: z.literal('part') }),
  z.strictObject({ kind: z.literal('result'), result: probeResult }),
  z.strictObject({ kind: z.literal('refused'), refusal: refusalSchema }),
])

/** How many parts a probe tells at most before its result. */
export const PROBE_PARTS = 4
