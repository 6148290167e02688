import { readFileSync } from 'node:fs'

/** Judges computed in plain loops, from nothing but the tensors of a saved state. Pictures are rows of pixels, channels last. */
export type Plane = { side: number; channels: number; data: Float64Array }
type Saved = { shape: number[]; data: Float32Array }

export function readSaved(path: string): Map<string, Saved> {
  const bytes = readFileSync(path)
  const end = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, end)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >
  return new Map(
    Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(
        ([
          name,
          {
            shape,
            data_offsets: [from, to],
          },
        ]) => {
          const own = bytes.subarray(end + from, end + to)
          return [
            name,
            { shape, data: new Float32Array(own.buffer.slice(own.byteOffset, own.byteOffset + own.length)) },
          ]
        },
      ),
  )
}

function convolve(x: Plane, { shape, data }: Saved, stride: number, padding: number): Plane {
  const [size = 0, , inputs = 0, outputs = 0] = shape
  const side = Math.floor((x.side + 2 * padding - size) / stride) + 1
  const made = new Float64Array(side * side * outputs)
  for (let row = 0; row < side; row += 1)
    for (let column = 0; column < side; column += 1)
      for (let out = 0; out < outputs; out += 1) {
        let sum = 0
        for (let dy = 0; dy < size; dy += 1)
          for (let dx = 0; dx < size; dx += 1) {
            const [y, z] = [row * stride + dy - padding, column * stride + dx - padding]
            if (y < 0 || z < 0 || y >= x.side || z >= x.side) continue
            for (let channel = 0; channel < inputs; channel += 1)
              sum +=
                x.data[(y * x.side + z) * inputs + channel]! *
                data[((dy * size + dx) * inputs + channel) * outputs + out]!
          }
        made[(row * side + column) * outputs + out] = sum
      }
  return { side, channels: outputs, data: made }
}

function each(x: Plane, change: (value: number, channel: number) => number): Plane {
  return { ...x, data: x.data.map((value, at) => change(value, at % x.channels)) }
}

const leaky = (x: Plane) => each(x, (value) => (value > 0 ? value : 0.2 * value))

/** PatchGAN of one halving with batch norm by running statistics: its logits. */
export function patchLogits(x: Plane, saved: ReadonlyMap<string, Saved>, prefix: string): Plane {
  const of = (name: string) => saved.get(`${prefix}/${name}`)!
  const added = (plane: Plane, name: string) =>
    each(plane, (value, channel) => value + of(name).data[channel]!)
  const first = leaky(added(convolve(x, of('layer1.weight'), 2, 1), 'layer1.bias'))
  const norm = (part: string, channel: number) => of(`layer2.norm.${part}`).data[channel]!
  const second = each(convolve(first, of('layer2.weight'), 1, 1), (value, channel) => {
    const even = (value - norm('mean', channel)) / Math.sqrt(norm('variance', channel) + 1e-5)
    return even * norm('scale', channel) + norm('offset', channel)
  })
  return added(convolve(leaky(second), of('layer3.weight'), 1, 1), 'layer3.bias')
}

/** PixelGAN with instance norm: its logits. */
export function pixelLogits(x: Plane, saved: ReadonlyMap<string, Saved>, prefix: string): Plane {
  const of = (name: string) => saved.get(`${prefix}/${name}`)!
  const added = (plane: Plane, name: string) =>
    each(plane, (value, channel) => value + of(name).data[channel]!)
  const first = leaky(added(convolve(x, of('layer1.weight'), 1, 0), 'layer1.bias'))
  const second = convolve(first, of('layer2.weight'), 1, 0)
  const pixels = second.side ** 2
  const sums = (of: (value: number, channel: number) => number) => {
    const totals = new Float64Array(second.channels)
    for (const [at, value] of second.data.entries())
      totals[at % second.channels]! += of(value, at % second.channels) / pixels
    return totals
  }
  const means = sums((value) => value)
  const variances = sums((value, channel) => (value - means[channel]!) ** 2)
  const even = each(
    second,
    (value, channel) => (value - means[channel]!) / Math.sqrt(variances[channel]! + 1e-5),
  )
  return added(convolve(leaky(even), of('layer3.weight'), 1, 0), 'layer3.bias')
}
