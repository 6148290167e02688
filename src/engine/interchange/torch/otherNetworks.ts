import { refuse, type Refused } from '../../../core/errors.ts'
import type { Tensors } from './guesses.ts'

const GENERATOR = 'Give its generator: latest_net_G.pth.'

/** The refusal of a network that tells real pictures from made ones. */
export function refuseJudge(kind: string, file: string): Refused {
  return refuse('torch-file-judge', `${file} holds a judge, ${kind}, which makes no pictures.`, GENERATOR)
}

const isPoint = (tensors: Tensors, name: string): boolean =>
  tensors.get(name)?.shape.slice(2).join() === '1,1'

/** Networks of those two projects that make no pictures, or none from a picture alone, by names that only they have. */
const others: readonly { isOne: (tensors: Tensors) => boolean; refusal: (file: string) => Refused }[] = [
  {
    isOne: (tensors) => isPoint(tensors, 'net.0.weight') && isPoint(tensors, 'net.2.weight'),
    refusal: (file) => refuseJudge('one that looks at single pixels (--netD pixel)', file),
  },
  {
    isOne: (tensors) => tensors.has('final_conv.0.weight') && tensors.has('convs.0.0.weight'),
    refusal: (file) => refuseJudge('StyleGAN2 (--netD stylegan2 or tilestylegan2)', file),
  },
  {
    isOne: (tensors) =>
      tensors.has('mlp_0.0.weight') || [...tensors.keys()].some((name) => /^child_\d+_\d+\./.test(name)),
    refusal: (file) =>
      refuse(
        'torch-file-sampler',
        `${file} holds what CUT compares patches with while it learns (netF), which makes no pictures.`,
        GENERATOR,
      ),
  },
  {
    isOne: (tensors) => [...tensors.keys()].some((name) => name.startsWith('dec.resnet_block.')),
    refusal: (file) =>
      refuse(
        'torch-file-code',
        `${file} holds a resnet_cat that wants a code beside every picture, which neither CUT nor Diptych has to give.`,
        'Train one without a code (nz 0), or another generator: resnet_9blocks.',
      ),
  },
]

/** @throws Refused `torch-file-judge`, `-sampler`, `-code` where the weights are of such a network */
export function refuseOthers(tensors: Tensors, file: string): void {
  const found = others.find(({ isOne }) => isOne(tensors))
  if (found) throw found.refusal(file)
}
