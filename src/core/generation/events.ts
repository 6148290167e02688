import { z } from 'zod'
import { refusalSchema } from '../errors.ts'
import { counted } from '../progress.ts'
import { setFigures } from './figures.ts'

/** What making a data set tells. `index` counts kept pictures from 0. */
export function generationEventSchema<F extends z.ZodType>(file: F) {
  return z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('generation-started'),
      total: z.number().int(),
      /** Kept from an earlier call that was stopped. */
      already: z.number().int(),
      output: file,
      backend: z.string(),
    }),
    /** Trial pictures, none of them of the set, that tell which verdicts are the lowest. */
    z.strictObject({ type: z.literal('generation-trial'), ...counted }),
    z.strictObject({
      type: z.literal('generated'),
      index: z.number().int(),
      total: z.number().int(),
      output: file,
      label: z.string().nullable(),
      secondsLeft: z.number().nullable(),
    }),
    /** What is being found out of a set that is whole. */
    z.strictObject({
      type: z.literal('figures-progress'),
      part: z.enum(['looks', 'neighbours', 'worth']),
      ...counted,
    }),
    /** `gallery`: the closest made pictures beside their real neighbours. */
    z.strictObject({ type: z.literal('figures'), figures: setFigures, gallery: file }),
    z.strictObject({ type: z.literal('figures-skipped'), reason: z.string() }),
    z.strictObject({
      type: z.literal('generation-done'),
      made: z.number().int(),
      /** Left out, by why. */
      leftOut: z.strictObject({
        alike: z.number().int(),
        known: z.number().int(),
        doubted: z.number().int(),
      }),
      cancelled: z.boolean(),
      output: file,
    }),
    z.strictObject({ type: z.literal('generation-failed'), refusal: refusalSchema }),
  ])
}

/** What is made, and what is left out of it. */
export const generateOptions = z.strictObject({
  count: z.number().int().min(1).max(10_000_000).default(1000).meta({
    label: 'How many',
    unit: 'pictures',
    level: 'simple',
    help: 'Over all classes, which get equally many unless told otherwise.',
  }),
  classes: z.string().max(10_000).default('').meta({
    label: 'Of which classes',
    kind: 'text',
    level: 'simple',
    help: 'Names of classes, separated by commas; with a number, so many of it: shoe=500, shirt=100. Empty: all of them.',
  }),
  balance: z.boolean().default(false).meta({
    label: 'Fill up rare classes',
    level: 'simple',
    help: 'Of each class as many as the real training pictures lack to their largest class. How many is not asked then.',
  }),
  balanceTo: z.number().int().min(1).max(1_000_000).nullable().default(null).meta({
    label: 'Fill up to',
    unit: 'pictures a class',
    help: 'With the real ones. Left to itself: as many as the largest class has.',
  }),
  variants: z.number().int().min(1).max(64).default(1).meta({
    label: 'Results of each source picture',
    help: 'Of a model that turns pictures: the first is made of the picture as it is, the others of copies cut a little closer and mirrored at random.',
  }),
  seed: z.number().int().min(0).max(2_147_483_647).default(1).meta({
    label: 'Seed',
    help: 'The same model, seed and settings make the same pictures.',
  }),
  validationShare: z.number().min(0).max(0.9).default(0).meta({
    label: 'Share for validation',
    help: 'Goes into a folder of its own, val.',
  }),
  testShare: z.number().min(0).max(0.9).default(0).meta({
    label: 'Share for the test',
    help: 'Goes into a folder of its own, test.',
  }),
  leastDifference: z.number().min(0).max(1).default(0.02).meta({
    label: 'Least difference between two pictures',
    help: 'Mean difference of brightness, of 1, over a coarse grid. A picture closer than this to another, or to one of the real pictures if you name their folder, is left out, counted and replaced. 0: none is left out.',
  }),
  dropLowest: z.number().min(0).max(0.9).default(0).meta({
    label: 'Share of the worst left out',
    term: 'drop lowest',
    help: 'The pictures that the judge of the run takes least for real are left out, counted and replaced: better ones, and less variety. Needs the run that trained the model. 0: none is left out.',
  }),
})
export type GenerateOptions = z.infer<typeof generateOptions>

/** What is done with the whole set; no part of what the set is. */
export const figureChoice = z.strictObject({
  figures: z.boolean().default(true).meta({
    label: 'Find its figures',
    level: 'simple',
    help: 'Looks, nearest training pictures and worth for training, where the training pictures of the model are found or you name real ones. Takes some minutes.',
  }),
  worthSteps: z.number().int().min(20).max(100_000).nullable().default(null).meta({
    label: 'Steps of each classifier',
    unit: 'batches of 64',
    help: 'Of the small classifiers that tell what the set is worth. The same number makes sets of other sizes comparable. Left to itself: by the size of the set, 120 to 600.',
  }),
})

/** The way between two pictures of one seed. */
export const walkOptions = z.strictObject({
  from: z.number().int().min(0).max(2_147_483_647).default(0).meta({
    label: 'From picture',
    level: 'simple',
    help: 'Counted from 0 in the endless row of a seed.',
  }),
  to: z.number().int().min(0).max(2_147_483_647).default(1).meta({
    label: 'To picture',
    level: 'simple',
    help: 'Of the same row.',
  }),
  frames: z.number().int().min(2).max(9999).default(30).meta({
    label: 'Steps of the way',
    unit: 'pictures',
    level: 'simple',
    help: 'Of each class, both ends included.',
  }),
  classes: z.string().max(10_000).default('').meta({
    label: 'Of which classes',
    kind: 'text',
    level: 'simple',
    help: 'Names of classes, separated by commas, each with a way of its own. Empty: all of them.',
  }),
  seed: generateOptions.shape.seed,
})
