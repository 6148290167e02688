import { refuse } from '../../core/errors.ts'
import { tf } from '../backends/tf.ts'
import type { Scalar, Tensor, Tensor4D } from '../backends/tf.ts'
import { createVariable } from '../backends/variables.ts'
import type { Variable } from '../backends/variables.ts'
import { at } from '../kernels/at.ts'
import { initialValues } from '../nn/initialise.ts'
import type { InitOptions } from '../nn/initialise.ts'
import type { ForwardMode, Network, ParameterDeclaration, Weights } from '../nn/network.ts'
import { applyAdam } from '../optimizers/adam.ts'
import type { AdamFeeds, AdamSlot } from '../optimizers/adam.ts'
import { isOfLossScaling } from '../optimizers/lossScaling.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import type { NamedTensor } from './trainer.ts'

/** Share of a new batch in the running statistics of batch norm, as PyTorch has it. */
const STATISTICS_SHARE = 0.1

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
  /** What a training pass goes by: these weights by name, and statistics of the batch, which move the running ones. */
  practice(
    weights: readonly Tensor[],
    dropoutSeed?: ForwardMode['dropoutSeed'],
  ): readonly [Weights, ForwardMode]
  /** Moves every weight against its gradient, in the order of `network.parameters`. */
  learn(gradients: readonly Tensor[], feeds: AdamFeeds): void
  /** Weights and statistics under their bare names. */
  tensors(): NamedTensor[]
  /** Every variable under the name by which it is saved. */
  variables(): Map<string, Variable>
  dispose(): void
}

export function createTrainee(
  name: string,
  network: Network,
  init: InitOptions,
  scaling?: LossScaling,
): Trainee {
  const zeros = ({ shape }: ParameterDeclaration) => createVariable(shape, new Float32Array(sizeOf(shape)))
  const first = (one: ParameterDeclaration) => createVariable(one.shape, initialValues(one, name, init))
  const slots = network.parameters.map((one): AdamSlot => ({
    weight: first(one),
    m: zeros(one),
    v: zeros(one),
  }))
  const statistics = new Map(network.statistics.map((one) => [one.name, first(one)]))
  const weightsOf = lookup(network, statistics)

  const practice: Trainee['practice'] = (weights, dropoutSeed) => [
    weightsOf(weights),
    {
      norm: 'batch',
      ...(dropoutSeed && { dropoutSeed }),
      onStatistics: (layer, ...seen) => blendAll(statistics, layer, seen, scaling),
    },
  ]
  const variables = () => savedUnder(name, network, slots, statistics)
  return {
    network,
    scaling,
    read: () => slots.map(({ weight }) => weight.read()),
    forward: (x, weights, mode) => network.forward(x, weightsOf(weights), mode),
    practise: (x, weights, dropoutSeed) => network.forward(x, ...practice(weights, dropoutSeed)),
    practice,
    learn(gradients, feeds) {
      const safe = scaling?.guard(gradients, feeds) ?? { gradients, feeds }
      for (const [index, slot] of slots.entries()) applyAdam(slot, at(safe.gradients, index), safe.feeds)
    },
    tensors: () => [
      ...network.parameters.map(({ name: bare }, index) => namedTensor(bare, at(slots, index).weight)),
      ...[...statistics].map(([bare, variable]) => namedTensor(bare, variable)),
    ],
    variables,
    dispose() {
      for (const variable of variables().values()) variable.dispose()
    },
  }
}

/** The gradient of a loss for each of these tensors. Nested calls share one tape, so nothing is computed twice. */
export function gradients(scaling: LossScaling | undefined, of: Tensor[], loss: () => Scalar): Tensor[] {
  const { value, found } = lossAndGradients(scaling, of, loss)
  value.dispose()
  return found
}

/** One step of a network against a loss of its own weights. @returns the loss, kept */
export function improve(one: Trainee, loss: (weights: Tensor[]) => Scalar, feeds: AdamFeeds): Scalar {
  const weights = one.read()
  const { value, found } = lossAndGradients(one.scaling, weights, () => loss(weights))
  // TensorFlow updates a weight in place only when nobody else holds it.
  tf.dispose(weights)
  one.learn(found, feeds)
  tf.dispose(found)
  return tf.keep(value)
}

/** The loss and its gradients, as they are without scaling. */
function lossAndGradients(
  scaling: LossScaling | undefined,
  of: Tensor[],
  loss: () => Scalar,
): { value: Scalar; found: Tensor[] } {
  if (!scaling) {
    const { value, grads } = tf.valueAndGrads(loss)(of)
    return { value, found: grads }
  }
  const { value, grads } = tf.valueAndGrads(() => scaling.scaled(loss()))(of)
  const found = { value: scaling.unscaled(value), found: grads.map((one) => scaling.unscaled(one)) }
  tf.dispose([value, grads])
  return found
}

function savedUnder(
  name: string,
  network: Network,
  slots: readonly AdamSlot[],
  statistics: ReadonlyMap<string, Variable>,
): Map<string, Variable> {
  const named = (prefix: string, slot: keyof AdamSlot): [string, Variable][] =>
    network.parameters.map((one, index) => [`${prefix}/${one.name}`, at(slots, index)[slot]])
  return new Map([
    ...named(name, 'weight'),
    ...[...statistics].map(([key, variable]): [string, Variable] => [`${name}/${key}`, variable]),
    ...named(`${name}.adam.m`, 'm'),
    ...named(`${name}.adam.v`, 'v'),
  ])
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

export function namedTensor(name: string, variable: Variable): NamedTensor {
  return { name, shape: variable.shape, data: () => variable.toArray() }
}

/** Puts saved values into variables: all of them, or none when anything does not fit. */
export function restore(variables: ReadonlyMap<string, Variable>, saved: readonly NamedTensor[]): void {
  const wanted = saved.filter(({ name }) => variables.has(name) || !isOfLossScaling(name))
  const byName = new Map(wanted.map((tensor) => [tensor.name, tensor]))
  const problems = [
    ...[...variables.keys()].filter((name) => !byName.has(name)).map((name) => `${name} is missing`),
    ...wanted.filter(({ name }) => !variables.has(name)).map(({ name }) => `${name} is unknown`),
    ...wanted
      .filter(({ name, shape }) => isOtherShape(variables.get(name)?.shape, shape))
      .map(({ name }) => `${name} has another shape`),
  ]
  if (problems.length > 0)
    throw refuse(
      'checkpoint-mismatch',
      `The saved state does not belong to this run: ${problems[0] ?? ''}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}.`,
      'Resume with the settings that the run was started with, or start a new run.',
    )
  for (const [name, variable] of variables)
    tf.tidy(() => {
      variable.assign(tf.tensor(byName.get(name)?.data() ?? [], [...variable.shape], 'float32'))
    })
}

function isOtherShape(expected: readonly number[] | undefined, found: readonly number[]): boolean {
  return (
    expected !== undefined &&
    (expected.length !== found.length || expected.some((side, axis) => side !== found[axis]))
  )
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}
