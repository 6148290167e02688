import { blurBy, convAt, type PeerTensor } from './peerTensor.ts'

/** How CUT names the tensors of its --netG resnet_cat, stylegan2 and smallstylegan2, beside our names. */

export type StyleShape = { widths: string }

const each = (count: number, tensors: (k: number) => PeerTensor[]): PeerTensor[] =>
  Array.from({ length: count }, (_, k) => tensors(k)).flat()

/** MUNIT's modules: two halvings and n blocks, n blocks and two doublings, which stand at every other place. */
export function resnetCatTensors(blocks: number): PeerTensor[] {
  const layer = (own: string, peer: string) => convAt(own, `${peer}.conv`, true)
  const block = (number: number, peer: string) => [
    ...layer(`block${number}.conv1`, `${peer}.model.0`),
    ...layer(`block${number}.conv2`, `${peer}.model.1`),
  ]
  const up = (own: string, peer: string): PeerTensor[] => [
    ...layer(own, peer),
    { peer: `${peer}.norm.gamma`, own: `${own}.norm.scale` },
    { peer: `${peer}.norm.beta`, own: `${own}.norm.offset` },
  ]
  return [
    ...layer('stem', 'enc_content.model.0'),
    ...layer('down1', 'enc_content.model.1'),
    ...layer('down2', 'enc_content.model.2'),
    ...each(blocks, (k) => block(k + 1, `enc_content.model.3.model.${k}`)),
    ...each(blocks, (k) => block(blocks + k + 1, `dec.model.0.model.${k}`)),
    ...up('up1', 'dec.model.2'),
    ...up('up2', 'dec.model.4'),
    ...layer('head', 'dec.model.5'),
  ]
}

/** A convolution and the bias of the activation behind it, [1,C,1,1]. */
function activatedAt(own: string, conv: string, activation: string): PeerTensor[] {
  return [
    { peer: `${conv}.weight`, own: `${own}.weight` },
    { peer: `${activation}.bias`, own: `${own}.bias`, ones: { before: 1, after: 2 } },
  ]
}

function blurAt(peer: string, sum = 1): PeerTensor {
  return { peer: `${peer}.kernel`, own: null, shape: [4, 4], values: blurBy([1, 3, 3, 1], sum) }
}

/** StyleGAN2's modules: encoder.convs.1 is the stem, since nothing stands at 0. */
export function styleTensors(blocks: number, { widths }: StyleShape): PeerTensor[] {
  const [halvings, half] = [widths.split('-').length - 1, blocks / 2]
  const halving = (own: string, peer: string): PeerTensor[] => [
    ...activatedAt(`${own}.conv1`, `${peer}.conv1.0`, `${peer}.conv1.1`),
    blurAt(`${peer}.conv2.0`),
    ...activatedAt(`${own}.conv2`, `${peer}.conv2.1`, `${peer}.conv2.2`),
    blurAt(`${peer}.skip.0`),
    { peer: `${peer}.skip.1.weight`, own: `${own}.skip.weight` },
  ]
  const block = (own: string, peer: string): PeerTensor[] =>
    ['conv1', 'conv2'].flatMap((conv) =>
      activatedAt(`${own}.${conv}`, `${peer}.${conv}.0`, `${peer}.${conv}.1`),
    )
  const doubling = (own: string, peer: string): PeerTensor[] => [
    { peer: `${peer}.conv.weight`, own: `${own}.weight`, ones: { before: 1, after: 0 } },
    blurAt(`${peer}.conv.blur`, 4),
    { peer: `${peer}.noise.weight`, own: `${own}.noise` },
    { peer: `${peer}.activate.bias`, own: `${own}.bias`, ones: { before: 1, after: 2 } },
  ]
  const [encoder, decoder] = ['encoder.convs', 'decoder.convs']
  const last = `${decoder}.${half + halvings}`
  return [
    ...activatedAt('stem', `${encoder}.1.0`, `${encoder}.1.1`),
    ...each(halvings, (k) => halving(`down${k + 1}`, `${encoder}.${k + 2}`)),
    ...each(half, (k) => block(`block${k + 1}`, `${encoder}.${halvings + k + 2}`)),
    ...each(half, (k) => block(`block${half + k + 1}`, `${decoder}.${k}`)),
    ...each(halvings, (k) => doubling(`up${k + 1}`, `${decoder}.${half + k}`)),
    ...activatedAt('head', `${last}.0`, `${last}.1`),
  ]
}
