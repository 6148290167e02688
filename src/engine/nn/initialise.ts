import { counterOf, randomBits } from '../../core/random.ts'
import type { ParameterDeclaration } from './network.ts'

export type InitOptions = { kind: 'normal' | 'xavier' | 'kaiming'; gain: number; seed: number }

/**
 * The first values of a tensor: a pure function of the seed, its network and its name. Weights are normal with spread
 * `gain` (normal), gain * sqrt(2 / (fan in + fan out)) (xavier, Glorot and Bengio 2010) or gain * sqrt(2 / fan in)
 * (kaiming, He et al. 2015); scales of norms are normal around 1 with spread `gain`, as published.
 */
export function initialValues(
  { name, shape, init }: ParameterDeclaration,
  network: string,
  options: InitOptions,
): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1)
  if (init === 'zero' || init === 'bias' || init === 'normOffset' || init === 'mean')
    return new Float32Array(size)
  if (init === 'variance') return new Float32Array(size).fill(1)
  const stream = counterOf(`${network}/${name}`)
  return init === 'normScale'
    ? gaussians(size, 1, options.gain, options.seed, stream)
    : gaussians(size, 0, spreadOf(shape, options), options.seed, stream)
}

function spreadOf(
  [height = 1, width = 1, inputs = 1, outputs = 1]: readonly number[],
  { kind, gain }: InitOptions,
): number {
  if (kind === 'normal') return gain
  const fan = kind === 'kaiming' ? inputs : inputs + outputs
  return gain * Math.sqrt(2 / (height * width * fan))
}

/** Box-Muller, both of each pair used: 54 million weights have to be drawn before a run can start. */
function gaussians(size: number, mean: number, spread: number, seed: number, stream: number): Float32Array {
  const values = new Float32Array(size)
  for (let index = 0; index < size; index += 2) {
    const radius = spread * Math.sqrt(-2 * Math.log(1 - randomBits(seed, stream, index) / 4294967296))
    const angle = (2 * Math.PI * randomBits(seed, stream, index + 1)) / 4294967296
    values[index] = mean + radius * Math.cos(angle)
    if (index + 1 < size) values[index + 1] = mean + radius * Math.sin(angle)
  }
  return values
}
