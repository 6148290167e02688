import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'

/** The most memory that this process has held, in bytes. */
export function peakMemoryBytes(): number {
  // On Linux `maxRSS` of a child begins at its parent's: only /proc tells of this process alone.
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kilobytes ?? Number.NaN) * 1024
}

/** What a new process could have: the system's free memory, or what is left of a container's. */
export function freeMemoryBytes(): number {
  return Math.min(freemem(), process.availableMemory())
}
