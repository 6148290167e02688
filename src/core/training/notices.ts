import type { z } from 'zod'
import type { findingSchema } from '../datasets/report.ts'
import type { FileOnDisk } from '../files.ts'
import type { RunOptions } from '../recipes/common.ts'
import { optionsFor } from '../recipes/fitting.ts'
import type { RecipeId } from '../recipes/index.ts'

export type HealthFinding = Omit<z.infer<ReturnType<typeof findingSchema<z.ZodType<FileOnDisk>>>>, 'file'> & {
  file: null
}

type Notice = Pick<HealthFinding, 'level' | 'message' | 'remedy'> & {
  /** What the remedy would set in a new run that is otherwise as this one; what a recipe does not have is left out. */
  change?: (options: RunOptions) => Record<string, unknown>
}

/** Showing the judge changed pictures, or where it sees those already, a judge that learns half as fast. */
const humbleJudge = ({ diffAugment, judgeRate }: RunOptions) =>
  diffAugment ? { judgeRate: judgeRate / 2 } : { diffAugment: true }

/** What is told, with what to do, and the options that would do it in a new run. */
export const notices = {
  'judge-wins': {
    level: 'warning',
    message: 'The judge tells made from true pictures with ease, so the generator learns little from it.',
    remedy:
      'If the pictures no longer improve, start a new run in which the judge has a harder time: it sees changed pictures, or learns more slowly. More pictures help, too.',
    change: (options) => (options.judgeRate > 1 ? { judgeRate: 1 } : humbleJudge(options)),
  },
  'judge-dead': {
    level: 'warning',
    message:
      'The judge has been guessing all along: it cannot tell made from true pictures at all, so nothing can be learned from it.',
    remedy: 'Start a new run in which the judge learns faster.',
    change: quickerJudge,
  },
  'critic-flat': {
    level: 'warning',
    message:
      'The critic says the same of every picture: its slopes have gone, so nothing can be learned from it.',
    remedy:
      'Start a new run in which the critic learns as fast as the generator, if it was slowed down; otherwise one with a lower learning rate and shortened gradients.',
    change: (options) => (options.judgeRate < 1 ? { judgeRate: 1 } : calmer(options)),
  },
  divergence: {
    level: 'warning',
    message:
      'The losses of the painter have grown to several times what they were: training is coming apart.',
    remedy: 'Start a new run with a lower learning rate and shortened gradients.',
    change: calmer,
  },
  'judge-diverges': {
    level: 'warning',
    message: 'The judge is wrong and sure of it, ever more so: training is coming apart.',
    remedy: 'Start a new run with a lower learning rate and shortened gradients.',
    change: calmer,
  },
  'gradients-explode': {
    level: 'warning',
    message: 'The gradients have grown to many times what they were: training is coming apart.',
    remedy: 'Start a new run with a lower learning rate and shortened gradients.',
    change: calmer,
  },
  'mode-dropping': {
    level: 'warning',
    message: 'What is made looks right, but is like a few of the true pictures only: most kinds are missing.',
    remedy: 'Start a new run in which the judge sees changed pictures, or choose WGAN-GP.',
    change: humbleJudge,
  },
  'class-collapse': {
    level: 'warning',
    message: 'Within a class the made pictures are nearly the same, and the true ones are not.',
    remedy: 'Start a new run in which the judge sees changed pictures, and give rare classes more of them.',
    change: humbleJudge,
  },
  inverted: {
    level: 'warning',
    message: 'Light and dark have changed places in what the model makes.',
    remedy:
      'Unless that is wanted: with pairs, check that each A belongs to its B; without, start a new run in which what has the wanted look already must stay as it is.',
    change: () => ({ lambdaIdentity: 1, nceIdentity: true }),
  },
  checkerboard: {
    level: 'note',
    message:
      'The made pictures have a pattern of single pixels, like a checkerboard, that the true ones do not have.',
    remedy: 'It often goes away. If it stays, start a new run that resizes before it convolves.',
    change: () => ({ upsampling: 'resize' }),
  },
  'nothing-learned': {
    level: 'warning',
    message: 'What is made is no better than when the run began.',
    remedy:
      'Check that each A belongs to its B, where there are pairs, and that the learning rate is not far below 0.0002; then start a new run.',
    change: ({ learningRate }) => (learningRate < 2e-5 ? { learningRate: 2e-4 } : {}),
  },
  collapse: {
    level: 'warning',
    message: 'The model makes nearly the same picture whatever it is given.',
    remedy:
      'Start a new run in which the judge sees changed pictures, and check that each A belongs to its B, where there are pairs.',
    change: humbleJudge,
  },
  plateau: {
    level: 'note',
    message: 'The held-out pictures have hardly improved over the last saved states.',
    remedy: 'More steps may not help: more or more varied pairs would.',
  },
  overfitting: {
    level: 'warning',
    message:
      'The held-out pictures are getting worse while training goes on: the others are learned by heart.',
    remedy:
      'Stop: the best saved state is kept, and it is what the model file holds. More pairs would help, and so do changes at random: mirrored, turned, in another light.',
    change: ({ rotateDegrees, colourJitter }) => ({
      flip: true,
      rotateDegrees: Math.max(rotateDegrees, 5),
      colourJitter: Math.max(colourJitter, 0.1),
    }),
  },
} as const satisfies Record<string, Notice>
export type NoticeCode = keyof typeof notices

/** What is to be told; `detail`: a sentence of what was seen here. */
export type Told = { code: NoticeCode; detail?: string }

/** A critic whose weights may hardly be anything has to be let go first. */
function quickerJudge({ judgeRate, clipWeights = 1 }: RunOptions & { clipWeights?: number }) {
  if (clipWeights < 0.01) return { clipWeights: 0.01 }
  return { judgeRate: judgeRate < 1 ? 1 : 4 * judgeRate }
}

function calmer({ learningRate, clipNorm }: RunOptions) {
  // Ten times above what is published is too high by that much; at or near it, half is the usual next try.
  const rate = learningRate > 2e-3 ? 2e-4 : learningRate / 2
  return { learningRate: rate, clipNorm: clipNorm > 0 ? clipNorm / 2 : 10 }
}

/** A notice as the run tells it: with what its remedy would change of these options, as far as this recipe can. */
export function findingFor({ code, detail }: Told, recipe: RecipeId, options: RunOptions): HealthFinding {
  const { change, level, message, remedy }: Notice = notices[code]
  const now: Readonly<Record<string, unknown>> = options
  const wanted = Object.entries(optionsFor(recipe, change?.(options) ?? {}))
  const changed = Object.fromEntries(wanted.filter(([key, value]) => now[key] !== value))
  return {
    code,
    level,
    message: detail === undefined ? message : `${message} ${detail}`,
    remedy,
    file: null,
    ...(Object.keys(changed).length > 0 && { change: changed }),
  }
}
