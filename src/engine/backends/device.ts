import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { binding } from './binding.ts'

/** Where NVIDIA's driver lists its cards on Linux, the only system on which TensorFlow computes on one. */
const CARDS = '/proc/driver/nvidia/gpus'

/** 'CPU', or the name of the graphics card that TensorFlow computes on; 'GPU' where the driver does not tell. */
export function deviceName(): string {
  if (!binding().isUsingGpuDevice()) return 'CPU'
  const [card] = existsSync(CARDS) ? readdirSync(CARDS) : []
  if (card === undefined) return 'GPU'
  return /^Model:\s*(.+)$/m.exec(readFileSync(join(CARDS, card, 'information'), 'utf8'))?.[1] ?? 'GPU'
}
