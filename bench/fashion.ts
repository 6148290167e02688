// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017; MIT), from the Debian package of its name, and a second camera that sees it otherwise.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { randomUniform } from '../src/core/random.ts'

export const classes = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'boot',
] as const

/** Side of the pictures as they are used: 28 px and a border. */
export const SIDE = 32
const OWN_SIDE = 28
const BORDER = (SIDE - OWN_SIDE) / 2

export type Garment = { label: number; /** 28 x 28, 0 to 255 */ pixels: Uint8Array }

/** Fetches the package by its name, unless it is in the folder already. */
function fetchPackage(folder: string): string {
  const data = join(folder, 'usr/share/datasets/fashion-mnist')
  if (existsSync(data)) return data
  const packages = join(folder, 'package')
  mkdirSync(packages, { recursive: true })
  execFileSync('apt-get', ['download', 'dataset-fashion-mnist'], { cwd: packages, stdio: 'inherit' })
  const [file] = readdirSync(packages)
  execFileSync('dpkg-deb', ['-x', join(packages, file ?? ''), folder])
  rmSync(packages, { recursive: true })
  return data
}

/** All pictures of one part, with their labels. */
export function readGarments(folder: string, part: 'train' | 't10k'): Garment[] {
  const data = fetchPackage(folder)
  const images = gunzipSync(readFileSync(join(data, `${part}-images-idx3-ubyte.gz`))).subarray(16)
  const labels = gunzipSync(readFileSync(join(data, `${part}-labels-idx1-ubyte.gz`))).subarray(8)
  const size = OWN_SIDE ** 2
  return Array.from(labels, (label, index) => ({
    label,
    pixels: images.subarray(index * size, (index + 1) * size),
  }))
}

const inside = (at: number) => at >= BORDER && at < BORDER + OWN_SIDE

function brightness({ pixels }: Garment, x: number, y: number): number {
  return inside(x) && inside(y) ? (pixels[(y - BORDER) * OWN_SIDE + x - BORDER] as number) / 255 : 0
}

/** As it is published: white on black, [SIDE, SIDE, 3]. */
export function inFirstCamera(garment: Garment): Uint8Array {
  return paint((x, y) => {
    const value = brightness(garment, x, y)
    return [value, value, value]
  })
}

const SOFTEN = [0.25, 0.5, 0.25]

/**
 * As a second camera sees it: a warm tint on a cool wall whose light falls off to one side, out of focus. Tint, wall and
 * fall-off differ a little from picture to picture.
 */
export function inSecondCamera(garment: Garment, seed: number): Uint8Array {
  const draw = (name: number, low: number, high: number) => low + (high - low) * randomUniform(seed, name)
  const wall = [draw(1, 0.1, 0.2), draw(2, 0.25, 0.35), draw(3, 0.4, 0.55)]
  const tint = [draw(4, 0.9, 1), draw(5, 0.65, 0.8), draw(6, 0.3, 0.5)]
  const falloff = draw(7, -0.4, 0.4)
  return paint((x, y) => {
    let value = 0
    for (let dy = -1; dy <= 1; dy += 1)
      for (let dx = -1; dx <= 1; dx += 1)
        value += (SOFTEN[dy + 1] as number) * (SOFTEN[dx + 1] as number) * brightness(garment, x + dx, y + dy)
    const light = 1 + falloff * (x / SIDE - 0.5)
    return wall.map((back, channel) => back * light * (1 - value) + (tint[channel] as number) * value)
  })
}

function paint(colour: (x: number, y: number) => number[]): Uint8Array {
  const picture = new Uint8Array(SIDE * SIDE * 3)
  for (let y = 0; y < SIDE; y += 1)
    for (let x = 0; x < SIDE; x += 1)
      colour(x, y).forEach((value, channel) => {
        picture[(y * SIDE + x) * 3 + channel] = Math.round(255 * Math.min(1, Math.max(0, value)))
      })
  return picture
}
