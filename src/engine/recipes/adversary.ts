import type { StabilityOptions } from '../../core/recipes/common.ts'
import { partAt } from '../../core/training/schedule.ts'
import { createRecorded, inTurn } from '../backends/recorded.ts'
import type { Feeds } from '../backends/recorded.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor } from '../backends/tf.ts'
import type { Variable } from '../backends/variables.ts'
import { at } from '../kernels/at.ts'
import { feedAdam } from '../optimizers/adam.ts'
import type { AdamFeeds } from '../optimizers/adam.ts'
import { settled } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { toScalars } from './pictures.ts'
import { namedTensor, restore } from './savedState.ts'
import { gradientLengths, gradients } from './trainee.ts'
import type { Trainee, Upkeep } from './trainee.ts'
import type { Pictures, TrainBatch, Trainer, TrainerContext } from './trainer.ts'

/** Notes a loss under the name that the recipe declares, and hands it on. */
export type Told = (name: string, loss: Scalar) => Scalar
type Weights = readonly Tensor[]

/** What is set against the painters: a network, or several that learn together, from one loss. */
export type Judge<F, Made> = {
  nets: readonly Trainee[]
  /** @param weights of each of them */
  loss(feeds: F, made: Made, weights: readonly Weights[], told: Told): Scalar
}

/**
 * What a recipe is to the step that all of them share: who paints, who judges, and what either wants. `F` is what a step is
 * fed of one batch, `Made` what the painters made of it.
 */
export type Game<F extends Feeds, Made> = {
  /** They learn together, from one loss. */
  painters: readonly Trainee[]
  judges: readonly Judge<F, Made>[]
  /** Published orders differ: whether painters meet the wiser judges, or judges are shown what the painters made before they learned. */
  order: 'judges-first' | 'painters-first'
  /**
   * The painters' forward passes. `weights`: of each of them.
   * @param isPractice whether the painters learn from it: then running statistics move
   */
  make(feeds: F, weights: readonly Weights[], isPractice: boolean, variant: string): Made
  /** The painters' loss. */
  loss(feeds: F, made: Made, weights: readonly Weights[], told: Told): Scalar
  /** Of what was made, what is to be handed out when the step is over. */
  keep?(made: Made): Record<string, Tensor>
}

/** What is part of a run's state, beside the networks of the game. */
type Stateful = { variables(): Map<string, Variable>; dispose(): void }

export type AdversaryOptions = StabilityOptions & { beta1: number; beta2: number }

type Rules<F extends Feeds, Made> = {
  options: AdversaryOptions
  scaling: LossScaling | undefined
  context: TrainerContext
  /** The game of a variant; of most recipes there is one. */
  game(variant: string): Game<F, Made>
  /** Everybody who plays in any variant, and more state: pools, what a schedule remembers. */
  stateful: readonly Stateful[]
  judgeRounds?: number
  /** Tensors of one batch; everything that varies is drawn here, by seed and step, so that the step itself draws nothing. */
  feed(batch: TrainBatch): F
  /** Tells apart steps that compute otherwise. */
  variantOf?(batch: TrainBatch): string
  /** Before a step: what takes time to load, what begins anew. */
  prepare?(batch: TrainBatch): Promise<void>
  /** After a step, what `keep` gave for one of its batches. */
  after?(kept: Record<string, Tensor>, batch: TrainBatch): void
} & Pick<Trainer, 'visuals' | 'generator' | 'reverse' | 'judges' | 'parts'>

/** What a step is fed. Each round has its batches; the painters learn from those of the last. */
type StepFeeds<F extends Feeds> = {
  rounds: readonly { batches: readonly F[]; adam: AdamFeeds }[]
  adam: AdamFeeds
}

const KEPT = 'kept'

/** How the networks of a recipe are kept in hand, by its options: painters have a running mean, judges none. */
export function upkeepOf(
  { clipNorm, emaDecay }: StabilityOptions,
  scaling: LossScaling | undefined,
): { painter: Upkeep; judge: Upkeep } {
  return { painter: { scaling, clipNorm, emaDecay }, judge: { scaling, clipNorm } }
}

/** Training by the rules of a game: steps, state, and what comes with every recipe. Loss scaling must be that of its networks. */
export function createAdversary<F extends Feeds, Made>(rules: Rules<F, Made>): Trainer {
  const { options, scaling, context, game, stateful, judgeRounds = 1 } = rules
  const parts: Stateful[] = [...stateful, ...(scaling ? [scaling] : [])]
  const state = () => new Map(parts.flatMap((part) => [...part.variables()]))
  const recorded = createRecorded(
    (feeds: StepFeeds<F>, variant) => settled(scaling, takeStep(game(variant), feeds, variant)),
    context.precision,
  )
  return {
    async train(batch) {
      await rules.prepare?.(batch)
      const batches = split(batch, options.accumulate * judgeRounds)
      const results = await recorded.call(() => feedStep(rules, batches, batch), rules.variantOf?.(batch))
      return toScalars(handOut(rules, results, batches))
    },
    visuals: rules.visuals,
    state: () => [...state()].map(([name, variable]) => namedTensor(name, variable)),
    loadState: (saved) => restore(state(), saved),
    gradientLengths: () => gradientLengths(state()),
    generator: rules.generator,
    ...(rules.parts && { parts: rules.parts }),
    ...(rules.reverse && { reverse: rules.reverse }),
    ...(rules.judges && { judges: rules.judges }),
    dispose() {
      recorded.dispose()
      for (const part of parts) part.dispose()
    },
  }
}

/** The batches that a step looks at, as if each were a step's own: what is drawn for them differs. */
function split(batch: TrainBatch, count: number): TrainBatch[] {
  if (count === 1) return [batch]
  return Array.from({ length: count }, (_, index) => ({
    ...batch,
    step: (batch.step - 1) * count + index + 1,
    realA: part(batch.realA, index, count),
    realB: part(batch.realB, index, count),
    ...(batch.labels && { labels: portion(batch.labels, index, count) }),
  }))
}

function portion(all: readonly number[], index: number, count: number): number[] {
  const length = all.length / count
  return all.slice(index * length, (index + 1) * length)
}

function part({ shape: [all, ...sides], data }: Pictures, index: number, count: number): Pictures {
  const length = data.length / count
  return { shape: [all / count, ...sides], data: data.subarray(index * length, (index + 1) * length) }
}

function feedStep<F extends Feeds, Made>(
  { options, judgeRounds = 1, feed, parts }: Rules<F, Made>,
  batches: readonly TrainBatch[],
  { learningRate, step }: TrainBatch,
): StepFeeds<F> {
  const count = step - (parts ? partAt(parts, step).from : 1) + 1
  const adamAt = (rate: number, at: number) => feedAdam({ ...options, epsilon: 1e-8 }, rate, at)
  const rounds = Array.from({ length: judgeRounds }, (_, round) => ({
    batches: batches.slice(round * options.accumulate, (round + 1) * options.accumulate).map(feed),
    adam: adamAt(learningRate * options.judgeRate, (count - 1) * judgeRounds + round + 1),
  }))
  return { rounds, adam: adamAt(learningRate, count) }
}

/** What was kept goes to the recipe, the losses to whoever asked for the step. */
function handOut<F extends Feeds, Made>(
  { after }: Rules<F, Made>,
  results: Record<string, Tensor>,
  batches: readonly TrainBatch[],
): Record<string, Tensor> {
  if (!after) return results
  const losses: Record<string, Tensor> = {}
  const kept = batches.map((): Record<string, Tensor> => ({}))
  for (const [name, tensor] of Object.entries(results)) {
    const [, index = '', own = ''] = new RegExp(`^${KEPT}\\.(\\d+)\\.(.*)$`).exec(name) ?? []
    if (own) at(kept, Number(index))[own] = tensor
    else losses[name] = tensor
  }
  for (const [index, tensors] of kept.entries()) {
    after(tensors, at(batches, index))
    tf.dispose(tensors)
  }
  return losses
}

/** One step: judges and painters in their order, each from the mean of its gradients over the batches. */
function takeStep<F extends Feeds, Made>(
  game: Game<F, Made>,
  { rounds, adam }: StepFeeds<F>,
  variant: string,
): Record<string, Tensor> {
  const last = at(rounds, rounds.length - 1)
  const diary = createDiary()
  const step: Step<F, Made> = { game, variant, told: diary.told, adam }
  if (game.order === 'painters-first') {
    const made = paintersLearn(step, last.batches)
    judgesLearn(step, last.batches, (_, index) => at(made, index), last.adam)
    return { ...diary.close(), ...keptOf(game, made) }
  }
  const isShared = rounds.length === 1 && last.batches.length === 1
  // One forward pass serves both where there is one batch: judges learn from the picture in the middle of the painters' own step.
  if (isShared)
    paintersLearn(step, last.batches, (feeds, made) => judgesLearn(step, [feeds], () => made, last.adam))
  else {
    for (const round of rounds) judgesLearn(step, round.batches, (feeds) => rehearse(step, feeds), round.adam)
    paintersLearn(step, last.batches)
  }
  return diary.close()
}

type Step<F extends Feeds, Made> = { game: Game<F, Made>; variant: string; told: Told; adam: AdamFeeds }

function rehearse<F extends Feeds, Made>({ game, variant }: Step<F, Made>, feeds: F): Made {
  return game.make(
    feeds,
    game.painters.map((one) => one.read()),
    false,
    variant,
  )
}

/** @param between after the forward passes of a batch @returns what was made, of which the caller owns what the game keeps */
function paintersLearn<F extends Feeds, Made>(
  { game, variant, told, adam }: Step<F, Made>,
  batches: readonly F[],
  between?: (feeds: F, made: Made) => void,
): Made[] {
  const all: Made[] = []
  learnTogether(game.painters, batches, adam, (feeds, _, weights) => {
    const made = game.make(feeds, weights, true, variant)
    for (const tensor of Object.values(game.keep?.(made) ?? {})) tf.keep(tensor)
    all.push(made)
    between?.(feeds, made)
    return game.loss(feeds, made, weights, told)
  })
  return all
}

function judgesLearn<F extends Feeds, Made>(
  { game, told }: Step<F, Made>,
  batches: readonly F[],
  madeOf: (feeds: F, index: number) => Made,
  adam: AdamFeeds,
): void {
  for (const { nets, loss } of game.judges)
    learnTogether(nets, batches, adam, (feeds, index, weights) =>
      loss(feeds, madeOf(feeds, index), weights, told),
    )
}

/** Moves all these networks against one loss. */
function learnTogether<F extends Feeds>(
  nets: readonly Trainee[],
  batches: readonly F[],
  adam: AdamFeeds,
  loss: (feeds: F, index: number, weights: readonly Weights[]) => Scalar,
): void {
  const weights = nets.map((one) => one.read())
  const flat = weights.flat()
  const found = meanGradients(at(nets, 0).scaling, flat, batches, (feeds, index) =>
    loss(feeds, index, weights),
  )
  // TensorFlow updates a weight in place only when nobody else holds it.
  tf.dispose(flat)
  let from = 0
  for (const one of nets) {
    const count = one.network.parameters.length
    one.learn(found.slice(from, from + count), adam)
    from += count
  }
  tf.dispose(found)
}

/** Batch by batch, each when the one before it is done, so that no more than one is in memory. */
function meanGradients<F extends Feeds>(
  scaling: LossScaling | undefined,
  of: Tensor[],
  batches: readonly F[],
  loss: (feeds: F, index: number) => Scalar,
): Tensor[] {
  let sums: Tensor[] = []
  for (const [index, feeds] of batches.entries()) {
    if (index > 0) inTurn(sums)
    const found = gradients(scaling, of, () => loss(feeds, index))
    const before = sums
    sums = index === 0 ? found : before.map((sum, each) => tf.add(sum, at(found, each)))
    if (index > 0) tf.dispose([before, found])
  }
  if (batches.length === 1) return sums
  const means = sums.map((sum) => tf.div(sum, batches.length))
  tf.dispose(sums)
  return means
}

/** Losses of a step by name; of several batches, their mean. */
function createDiary() {
  const all = new Map<string, Scalar[]>()
  return {
    told(name: string, loss: Scalar): Scalar {
      // A copy: whoever takes gradients of a loss frees it.
      all.set(name, [...(all.get(name) ?? []), tf.keep(tf.clone(loss))])
      return loss
    },
    close(): Record<string, Tensor> {
      const means = [...all].map(([name, losses]): [string, Tensor] => {
        if (losses.length === 1) return [name, at(losses, 0)]
        const mean = tf.div(tf.addN(losses), losses.length)
        tf.dispose(losses)
        return [name, mean]
      })
      return Object.fromEntries(means)
    },
  }
}

function keptOf<F extends Feeds, Made>(
  { keep }: Game<F, Made>,
  made: readonly Made[],
): Record<string, Tensor> {
  if (!keep) return {}
  return Object.fromEntries(
    made.flatMap((one, index) =>
      Object.entries(keep(one)).map(([name, tensor]): [string, Tensor] => {
        // Out of the gradient's scope it was kept; from here on it belongs to the step's.
        const owned = tf.clone(tensor)
        tensor.dispose()
        return [`${KEPT}.${index}.${name}`, owned]
      }),
    ),
  )
}
