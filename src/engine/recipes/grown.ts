import type { ProgressiveRecipeOptions as Options } from '../../core/recipes/progressive.ts'
import type { Tensor } from '../backends/tf.ts'
import { at } from '../kernels/at.ts'
import {
  growingBlock,
  judgingBlock,
  paintingLayer,
  seeingLayer,
  sidesTo,
  type Piece,
} from '../networks/progressive.ts'
import type { Network, Weights } from '../nn/network.ts'
import type { LossScaling } from '../optimizers/lossScaling.ts'
import { upkeepOf } from './adversary.ts'
import { createTrainee } from './trainee.ts'
import type { Trainee, Upkeep } from './trainee.ts'
import type { MadeModel } from './trainer.ts'

/** A network in parts that come into play one after another: of each side its block, and the layer to or from pictures. */
export type Grown = { blocks: readonly Trainee[]; layers: readonly Trainee[] }

/** Both networks of progressive growing, all their parts drawn. @throws Refused `crop-size` */
export function createGrown(
  options: Options,
  shape: { latent: number; channels: number; ngf: number },
  scaling: LossScaling | undefined,
): Record<'netG' | 'netD', Grown> {
  const sides = sidesTo(options.cropSizePx)
  const { painter, judge } = upkeepOf(options, scaling)
  const grow = (name: string, side: (sidePx: number) => Piece, upkeep: Upkeep): Trainee[] =>
    sides.map((sidePx) => createPart(name, side(sidePx), options.seed, upkeep))
  const netG: Grown = {
    blocks: grow('netG', (side) => growingBlock(side, shape), painter),
    layers: grow('netG', (side) => paintingLayer(side, shape), painter),
  }
  const netD: Grown = {
    blocks: grow('netD', (side) => judgingBlock(side, shape), judge),
    layers: grow('netD', (side) => seeingLayer(side, shape), judge),
  }
  return { netG, netD }
}

/** The parts that play at a stage: all blocks up to it, and the layers of its side and the one before. */
export function playing({ blocks, layers }: Grown, stage: number): Trainee[] {
  return [...blocks.slice(0, stage + 1), ...layers.slice(Math.max(0, stage - 1), stage + 1)]
}

function createPart(name: string, { parameters }: Piece, seed: number, upkeep: Upkeep): Trainee {
  const network: Network = {
    architecture: 'a part of a growing network',
    options: {},
    parameters,
    statistics: [],
    inputChannels: 1,
    outputChannels: 1,
    scale: 1,
    multipleOf: 1,
    context: 0,
    forward() {
      throw new Error('A part of a growing network does not work by itself.')
    },
  }
  return createTrainee(name, network, { kind: 'normal', gain: 1, seed }, upkeep)
}

/** Weights of several parts, as they are shown, as of one network. */
export function shownTogether(parts: readonly Trainee[]): Weights {
  const byName = new Map(
    parts.flatMap((part) => {
      const weights = part.shown()
      return part.network.parameters.map(({ name }): [string, Tensor] => [name, weights(name)])
    }),
  )
  return lookUp(byName)
}

function lookUp(byName: ReadonlyMap<string, Tensor>): Weights {
  return (name) => {
    const found = byName.get(name)
    if (!found) throw new Error(`No part of the growing network has ${name}.`)
    return found
  }
}

/** The same with weights that are given, those of each part in its order. */
export function weightsOf(parts: readonly Trainee[], weights: readonly (readonly Tensor[])[]): Weights {
  return lookUp(
    new Map(
      parts.flatMap(({ network }, part) =>
        network.parameters.map(({ name }, index): [string, Tensor] => [name, at(at(weights, part), index)]),
      ),
    ),
  )
}

/** The generator as far as it has grown. */
export function modelOf(network: Network, parts: readonly Trainee[], latent: number): MadeModel {
  const made = parts.map((one) => one.made())
  const wanted = new Set(network.parameters.map(({ name }) => name))
  return {
    network,
    prefix: at(made, 0).prefix,
    tensors: made.flatMap(({ tensors }) => tensors).filter(({ name }) => wanted.has(name)),
    task: 'generate',
    condition: { latent, labels: [] },
  }
}
