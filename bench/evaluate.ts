// How long `diptych evaluate` takes over 1,000 pairs of 256 px with every metric that comes with it:
//   bin/node24 bench/evaluate.ts [PAIRS] [SIDE_PX]
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { randomUniform } from '../src/core/random.ts'

const [pairs = 1000, sidePx = 256] = process.argv.slice(2).map(Number)
const cli = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const NOISE_PX = 512

/** One field of noise for all pictures, each of which reads it from another place. */
const noise = Float32Array.from({ length: NOISE_PX ** 2 * 3 }, (_, at) => 40 * (randomUniform(1, at) - 0.5))

/** A gradient of its own under noise, and the same made a little darker under other noise. */
function picture(index: number, side: 'made' | 'real'): Uint8Array {
  const draw = (name: number) => randomUniform(2, index, name)
  const from = Math.floor(noise.length * randomUniform(3, index, side === 'made' ? 0 : 1))
  const data = new Uint8Array(sidePx * sidePx * 3)
  for (let at = 0; at < data.length; at += 1) {
    const [channel, pixel] = [at % 3, Math.floor(at / 3)]
    const [x, y] = [(pixel % sidePx) / sidePx, Math.floor(pixel / sidePx) / sidePx]
    const wave = Math.sin(12 * draw(channel) * x + 12 * draw(channel + 3) * y + 6 * draw(6))
    const value = (side === 'made' ? 120 : 128) + 80 * wave + (noise[(from + at) % noise.length] as number)
    data[at] = Math.min(255, Math.max(0, Math.round(value)))
  }
  return data
}

const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'))
try {
  for (const side of ['made', 'real'] as const) {
    mkdirSync(join(folder, side))
    for (let index = 0; index < pairs; index += 1)
      await sharp(picture(index, side), { raw: { width: sidePx, height: sidePx, channels: 3 } })
        .png({ compressionLevel: 3 })
        .toFile(join(folder, side, `${index}.png`))
  }
  const startedAt = performance.now()
  const args = [cli, 'evaluate', '--made', join(folder, 'made'), '--real', join(folder, 'real')]
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const seconds = (performance.now() - startedAt) / 1000
  process.stdout.write(`${pairs} pairs of ${sidePx} px in ${seconds.toFixed(1)} s\n`)
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
