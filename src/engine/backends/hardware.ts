import { readFileSync } from 'node:fs'

/** Flags of Linux for processors that compute in bfloat16: with their tiles, or with their vectors. */
const flags = ['amx_bf16', 'avx512_bf16'] as const

/**
 * What of this processor computes in bfloat16; null where nothing does or where it is not known to: `amx_bf16`,
 * `avx512_bf16`. TensorFlow uses both through oneDNN on x86-64.
 */
export function bfloat16Unit(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  return bfloat16UnitOf(readFileSync('/proc/cpuinfo', 'utf8'))
}

export function bfloat16UnitOf(cpuinfo: string): string | null {
  const found = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/))
  return flags.find((flag) => found.has(flag)) ?? null
}
