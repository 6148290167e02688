import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { createVariable } from '../backends/variables.ts'
import type { Variable } from '../backends/variables.ts'
import { at } from '../kernels/at.ts'
import { initialValues } from '../nn/initialise.ts'
import type { InitOptions } from '../nn/initialise.ts'
import type { ForwardMode, Network, NormMode, ParameterDeclaration, Weights } from '../nn/network.ts'
import { applyAdam } from '../optimizers/adam.ts'
import type { AdamFeeds, AdamSlot } from '../optimizers/adam.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { namedTensor } from './savedState.ts'
import type { MadeModel } from './trainer.ts'

/** Share of a new batch in the running statistics of batch norm, as PyTorch has it. */
const STATISTICS_SHARE = 0.1

/** How a network is kept in hand while it learns; all of it off unless told. */
export type Upkeep = {
  scaling?: LossScaling | undefined
  /** The most that all its gradients together may come to, as a Euclidean norm; 0: any (Pascanu et al. 2013). */
  clipNorm?: number
  /** Its weights stay within plus and minus this; 0: anywhere (Arjovsky et al. 2017). */
  clipWeights?: number
  /** Share of the old in a running mean of weights and statistics, which is what is shown and kept as the model; 0: none. */
  emaDecay?: number
}

/** A network that learns: its weights, their moments and its running statistics. */
export type Trainee = {
  network: Network
  /** How losses have to be scaled for it, where they have to. */
  scaling: LossScaling | undefined
  /** All weights, as tensors of the current scope, in the order of `network.parameters`. */
  read(): Tensor[]
  /** A forward pass with these weights, such as `read()` gave. */
  forward(x: Tensor4D, weights: readonly Tensor[], mode: ForwardMode): Tensor4D
  /** A training pass: as `forward` with statistics of the batch, which move the running ones. */
  practise(x: Tensor4D, weights: readonly Tensor[], dropoutSeed?: ForwardMode['dropoutSeed']): Tensor4D
  /** As `practise` if the network learns from it, otherwise the same picture, of which nothing stays. */
  paint(
    x: Tensor4D,
    weights: readonly Tensor[],
    isPractice: boolean,
    dropoutSeed?: ForwardMode['dropoutSeed'],
  ): Tensor4D
  /** What a training pass goes by: these weights by name, and statistics of the batch, which move the running ones unless told otherwise. */
  practice(
    weights: readonly Tensor[],
    dropoutSeed?: ForwardMode['dropoutSeed'],
    isPractice?: boolean,
  ): readonly [Weights, ForwardMode]
  /** Moves every weight against its gradient, in the order of `network.parameters`. */
  learn(gradients: readonly Tensor[], feeds: AdamFeeds): void
  /** A pass for looking: no dropout, with the running mean of its weights where it has one. */
  show(x: Tensor4D, norm: NormMode): Tensor4D
  /** Weights and statistics as they are shown, by name. */
  shown(): Weights
  /** What a model file is made of: the same. */
  made(): MadeModel
  /** Sets every weight, in the order of `network.parameters`, and its running mean. */
  set(weights: readonly Tensor[]): void
  /** Sets the memory of all gradients back to nothing, as when learning begins. */
  forget(): void
  /** Every variable under the name by which it is saved. */
  variables(): Map<string, Variable>
  dispose(): void
}

export function createTrainee(
  name: string,
  network: Network,
  init: InitOptions,
  upkeep: Upkeep = {},
): Trainee {
  const { scaling, clipNorm = 0, clipWeights = 0, emaDecay = 0 } = upkeep
  const first = (one: ParameterDeclaration) => createVariable(one.shape, initialValues(one, name, init))
  const slots = network.parameters.map((one): AdamSlot => ({
    weight: first(one),
    m: zerosLike(one),
    v: zerosLike(one),
  }))
  const statistics = new Map(network.statistics.map((one) => [one.name, first(one)]))
  const smooth = emaDecay > 0 ? createSmooth(network, first) : undefined
  const live: Shown = { weights: slots.map(({ weight }) => weight), statistics }
  const [shown, shownName] = smooth ? [smooth, `${name}.ema`] : [live, name]
  const variables = () =>
    new Map([
      ...namesOf(name, network, live),
      ...momentsOf(name, network, slots),
      ...(smooth ? namesOf(shownName, network, smooth) : []),
    ])
  return {
    network,
    scaling,
    read: () => slots.map(({ weight }) => weight.read()),
    ...passesOf(network, statistics, scaling),
    ...looksOf(network, shownName, shown),
    learn(gradients, feeds) {
      const safe = scaling?.guard(gradients, feeds) ?? { gradients, feeds }
      const moves = clipNorm > 0 ? clipped(safe.gradients, clipNorm) : safe.gradients
      for (const [index, slot] of slots.entries()) applyAdam(slot, at(moves, index), safe.feeds)
      if (clipWeights > 0) for (const { weight } of slots) clipInto(weight, clipWeights)
      if (smooth) follow(smooth, live, emaDecay)
    },
    set: (weights) => assignAll(smooth ? [live, smooth] : [live], weights),
    forget: () => clear(slots),
    variables,
    dispose() {
      for (const variable of variables().values()) variable.dispose()
    },
  }
}

/** Forward passes in training, by weights that are given. */
function passesOf(
  network: Network,
  statistics: ReadonlyMap<string, Variable>,
  scaling: LossScaling | undefined,
): Pick<Trainee, 'forward' | 'practise' | 'practice' | 'paint'> {
  const weightsOf = lookup(network, statistics)
  const practice: Trainee['practice'] = (weights, dropoutSeed, isPractice = true) => [
    weightsOf(weights),
    {
      norm: 'batch',
      ...(dropoutSeed && { dropoutSeed }),
      ...(isPractice && { onStatistics: (layer, ...seen) => blendAll(statistics, layer, seen, scaling) }),
    },
  ]
  return {
    forward: (x, weights, mode) => network.forward(x, weightsOf(weights), mode),
    practise: (x, weights, dropoutSeed) => network.forward(x, ...practice(weights, dropoutSeed)),
    practice,
    paint: (x, weights, isPractice, dropoutSeed) =>
      network.forward(x, ...practice(weights, dropoutSeed, isPractice)),
  }
}

/** What is looked at and saved as a model. */
function looksOf(network: Network, name: string, shown: Shown): Pick<Trainee, 'shown' | 'show' | 'made'> {
  const weights = () => lookup(network, shown.statistics)(shown.weights.map((one) => one.read()))
  return {
    shown: weights,
    show: (x, norm) => network.forward(x, weights(), { norm }),
    made: () => ({
      network,
      prefix: `${name}/`,
      tensors: namesOf('', network, shown).map(([bare, variable]) => namedTensor(bare.slice(1), variable)),
    }),
  }
}

function zerosLike({ shape }: ParameterDeclaration): Variable {
  return createVariable(shape, new Float32Array(sizeOf(shape)))
}

function assignAll(all: readonly Shown[], values: readonly Tensor[]): void {
  for (const { weights } of all) for (const [index, one] of weights.entries()) one.assign(at(values, index))
}

function clear(slots: readonly AdamSlot[]): void {
  for (const { m, v } of slots) for (const one of [m, v]) tf.tidy(() => one.assign(tf.zeros([...one.shape])))
}

/** What a network is made of, besides what learning needs. */
type Shown = { weights: readonly Variable[]; statistics: ReadonlyMap<string, Variable> }

function createSmooth(network: Network, first: (one: ParameterDeclaration) => Variable): Shown {
  return {
    weights: network.parameters.map(first),
    statistics: new Map(network.statistics.map((one) => [one.name, first(one)])),
  }
}

/** Moves the running mean towards what was just learned. */
function follow(smooth: Shown, live: Shown, decay: number): void {
  for (const [index, weight] of live.weights.entries()) followInto(at(smooth.weights, index), weight, decay)
  for (const [key, running] of smooth.statistics) followInto(running, live.statistics.get(key), decay)
}

function namesOf(prefix: string, network: Network, { weights, statistics }: Shown): [string, Variable][] {
  return [
    ...network.parameters.map((one, index): [string, Variable] => [
      `${prefix}/${one.name}`,
      at(weights, index),
    ]),
    ...[...statistics].map(([key, variable]): [string, Variable] => [`${prefix}/${key}`, variable]),
  ]
}

/** Shortens all gradients alike, so that together they are no longer than `most`. */
function clipped(gradients: readonly Tensor[], most: number): Tensor[] {
  return tf.tidy(() => {
    const squares = gradients.map((one) => tf.sum(tf.square(one)))
    const factor = tf.minimum(1, tf.div(most, tf.add(tf.sqrt(tf.addN(squares)), 1e-6)))
    return gradients.map((one) => tf.mul(one, factor))
  })
}

function clipInto(weight: Variable, most: number): void {
  tf.tidy(() => weight.assign(tf.clipByValue(weight.read(), -most, most)))
}

/** running = running * decay + now * (1 - decay) */
function followInto(running: Variable, now: Variable | undefined, decay: number): void {
  if (!now) throw new Error('A running mean follows what is not there.')
  tf.tidy(() => running.assign(tf.add(tf.mul(running.read(), decay), tf.mul(now.read(), 1 - decay))))
}

/** The gradient of a loss for each of these tensors. Nested calls share one tape, so nothing is computed twice. */
export function gradients(scaling: LossScaling | undefined, of: Tensor[], loss: () => Scalar): Tensor[] {
  if (!scaling) return gradientsAlone(of, loss)
  const scaled = gradientsAlone(of, () => scaling.scaled(loss()))
  const found = scaled.map((one) => scaling.unscaled(one))
  tf.dispose(scaled)
  return found
}

function gradientsAlone(of: Tensor[], loss: () => Scalar): Tensor[] {
  const { value, grads } = tf.valueAndGrads(loss)(of)
  value.dispose()
  return grads
}

function momentsOf(name: string, network: Network, slots: readonly AdamSlot[]): [string, Variable][] {
  return (['m', 'v'] as const).flatMap((slot) =>
    network.parameters.map((one, index): [string, Variable] => [
      `${name}.adam.${slot}/${one.name}`,
      at(slots, index)[slot],
    ]),
  )
}

/**
 * By network, the length of all its gradients together. Adam's first moments are read, a running mean over few steps, so that nothing
 * has to be added to a recorded step.
 */
export async function gradientLengths(
  variables: ReadonlyMap<string, Variable>,
): Promise<Record<string, number>> {
  const moments = Map.groupBy(variables, ([name]) => /^(.+)\.adam\.m\//.exec(name)?.[1])
  const lengths: Record<string, number> = {}
  for (const [name, ofOne] of moments) {
    if (name === undefined) continue
    const length = tf.tidy(() =>
      tf.sqrt(tf.addN(ofOne.map(([, moment]) => tf.sum(tf.square(moment.read()))))),
    )
    lengths[name] = (await length.data())[0] ?? NaN
    length.dispose()
  }
  return lengths
}

function lookup(network: Network, statistics: ReadonlyMap<string, Variable>) {
  const indexOf = new Map(network.parameters.map(({ name }, index) => [name, index]))
  return (weights: readonly Tensor[]): Weights =>
    (name) => {
      const index = indexOf.get(name)
      if (index !== undefined) return at(weights, index)
      const statistic = statistics.get(name)
      if (!statistic) throw new Error(`The network ${network.architecture} has no tensor named ${name}.`)
      return statistic.read()
    }
}

function blendAll(
  statistics: ReadonlyMap<string, Variable>,
  layer: string,
  [mean, variance]: readonly [Tensor, Tensor],
  scaling: LossScaling | undefined,
): void {
  blendInto(statistics.get(`${layer}.mean`), mean, scaling)
  blendInto(statistics.get(`${layer}.variance`), variance, scaling)
}

function blendInto(running: Variable | undefined, fresh: Tensor, scaling: LossScaling | undefined): void {
  if (!running) throw new Error('A layer reported statistics that its network does not declare.')
  tf.tidy(() => {
    const before = running.read()
    const blended = tf.add(tf.mul(before, 1 - STATISTICS_SHARE), tf.mul(fresh, STATISTICS_SHARE))
    running.assign(scaling?.finiteOr(blended, before) ?? blended)
  })
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}
