import { z } from 'zod'
import { derivationSchema } from '../datasets/derivedPairs.ts'
import { datasetKindIds } from '../datasets/index.ts'
import { exportVariant } from '../exporters/common.ts'
import { exporterIds } from '../exporters/index.ts'
import { figureChoice, generateOptions, walkOptions } from '../generation/events.ts'
import { jobId, runId, runSummary, trainingSettings } from '../project/project.ts'
import { translateOptions } from '../translation/events.ts'
import { createSweepRequests } from './sweepRequests.ts'
import { createViews } from './views.ts'

const heldOut = z.enum(['val', 'test'])

function previewRequest<F extends z.ZodType>(file: F) {
  return z.strictObject({
    file,
    maxSidePx: z.number().int().min(16).max(16384),
    region: z.enum(['whole', 'left', 'right']),
    /** Shows what a derived data set makes of the picture, at the size asked for. */
    derivation: derivationSchema.nullable(),
  })
}

/** What looks at what a run has learned. */
function scoringRequests<F extends z.ZodType>(file: F) {
  const run = { project: file, run: runId }
  const job = z.strictObject({ job: jobId })
  return {
    'evaluate:start': {
      role: 'compute',
      request: z.strictObject({ ...run, split: heldOut, steps: z.array(z.number().int()).nullable() }),
      reply: job,
    },
    /**
     * Asks a run's judge about pictures; about none, how well it tells held-out from made ones. `step` and `judge` null: those of the
     * model. `beside`: a folder of what they were made of.
     */
    'judge:start': {
      role: 'compute',
      request: z.strictObject({
        ...run,
        step: z.number().int().nullable(),
        judge: z.string().nullable(),
        pictures: z.array(file),
        beside: file.nullable(),
        label: z.string().nullable(),
        split: heldOut,
        output: file.nullable(),
      }),
      reply: job,
    },
  } as const
}

function exportItems<F extends z.ZodType>(file: F) {
  return z.array(z.strictObject({ before: file, after: file, variant: exportVariant.optional() })).min(1)
}

/** What makes pictures from nothing, or whole sets of others. */
function makingRequests<F extends z.ZodType>(file: F) {
  const job = z.strictObject({ job: jobId })
  return {
    /**
     * `real`: a folder of real pictures; what is too close to one of them is left out. `source`: one of pictures to turn, for a model that
     * makes none from nothing. `figures` null: where real pictures are known.
     */
    'generate:start': {
      role: 'compute',
      request: z.strictObject({
        model: file,
        output: file,
        real: file.nullable(),
        source: file.nullable(),
        figures: z.boolean().nullable(),
        worthSteps: figureChoice.shape.worthSteps.unwrap(),
        options: generateOptions,
      }),
      reply: job,
    },
    'walk:start': {
      role: 'compute',
      request: z.strictObject({ model: file, output: file, options: walkOptions }),
      reply: job,
    },
  } as const
}

/**
 * What may be asked of an engine process. `role` says which of the two answers: `compute` trains and translates and may be
 * busy for a second at a time; `library` reads projects and pictures and always answers at once.
 */
export function createEngineRequests<F extends z.ZodType>(file: F) {
  const views = createViews(file)
  const nothing = z.strictObject({})
  const project = { project: file }
  const run = { ...project, run: runId }
  const job = z.strictObject({ job: jobId })
  return {
    'engine:hello': { role: 'compute', request: nothing, reply: views.engine },

    'project:create': {
      role: 'library',
      request: z.strictObject({
        folder: file,
        name: z.string().min(1).max(200),
        sample: z.string().nullable(),
      }),
      reply: views.project,
    },
    'project:open': { role: 'library', request: z.strictObject({ folder: file }), reply: views.project },
    'project:setDataset': {
      role: 'library',
      /** `folders` by option key, for the options that are folders; all others in `options`. */
      request: z.strictObject({
        ...project,
        kind: z.enum(datasetKindIds),
        folders: z.record(z.string(), file),
        options: z.record(z.string(), z.unknown()),
      }),
      reply: views.project,
    },
    'project:setTraining': {
      role: 'library',
      request: z.strictObject({ ...project, training: trainingSettings }),
      reply: views.project,
    },
    'dataset:scan': { role: 'library', request: z.strictObject(project), reply: views.dataset },

    'sample:list': { role: 'library', request: nothing, reply: z.array(views.sample) },
    'photo:list': { role: 'library', request: nothing, reply: z.array(views.photo) },
    'model:list': {
      role: 'library',
      request: z.strictObject({ project: file.nullable() }),
      reply: z.array(views.model),
    },
    'picture:preview': { role: 'library', request: previewRequest(file), reply: views.preview },
    'picture:list': {
      role: 'library',
      request: z.strictObject({ inputs: z.array(file) }),
      reply: z.array(file),
    },

    'run:list': { role: 'library', request: z.strictObject(project), reply: z.array(runSummary) },
    'run:get': { role: 'library', request: z.strictObject(run), reply: views.run },
    'run:start': {
      role: 'compute',
      request: z.strictObject({ ...project, training: trainingSettings }),
      reply: z.strictObject({ job: jobId, run: runId }),
    },
    'run:resume': {
      role: 'compute',
      request: z.strictObject(run),
      reply: z.strictObject({ job: jobId, run: runId }),
    },
    /** Makes this saved state the run's model, whatever its score: the person has looked. */
    'run:pick': {
      role: 'compute',
      request: z.strictObject({ ...run, step: z.number().int() }),
      reply: views.run,
    },
    ...scoringRequests(file),
    /** `patienceSeconds` null: no limit was stated. */
    'plan:start': {
      role: 'compute',
      request: z.strictObject({
        ...project,
        training: trainingSettings,
        patienceSeconds: z.number().positive().nullable(),
      }),
      reply: job,
    },
    ...createSweepRequests(file),
    'job:pause': { role: 'compute', request: job, reply: nothing },
    'job:continue': { role: 'compute', request: job, reply: nothing },
    'job:stop': { role: 'compute', request: job, reply: nothing },

    'translate:start': {
      role: 'compute',
      request: z.strictObject({
        model: file,
        inputs: z.array(file).min(1),
        output: file,
        options: translateOptions,
      }),
      reply: job,
    },
    ...makingRequests(file),
    'export:write': {
      role: 'library',
      request: z.strictObject({
        exporter: z.enum(exporterIds),
        options: z.record(z.string(), z.unknown()),
        items: exportItems(file),
        output: file,
      }),
      reply: z.strictObject({
        written: z.array(file),
        failed: z.array(z.strictObject({ file, message: z.string() })),
      }),
    },
    'report:write': {
      role: 'compute',
      request: z.strictObject({ ...run, output: file.nullable() }),
      reply: job,
    },
  } as const
}
