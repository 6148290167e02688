import { readFileSync } from 'node:fs'

/** As Diptych starts its engine. */
export const engineEnvironment = JSON.parse(
  readFileSync(new URL('../src/core/engineEnvironment.json', import.meta.url), 'utf8'),
) as Record<string, string>

/** Processor seconds of this process, all threads. */
export function ownSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Seconds of processor time that were spent on this machine, and by this process with the children that it has seen end. */
function spentSeconds(): { all: number; own: number } {
  const ticks = (text: string) => text.trim().split(/\s+/).map(Number)
  const [, user = 0, nice = 0, system = 0] = ticks(readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
  const own = ticks(readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /, ''))
  // Fields 14 to 17 of /proc/self/stat; the first two went with the name.
  const [ownUser = 0, ownSystem = 0, childUser = 0, childSystem = 0] = own.slice(11, 15)
  return {
    all: (user + nice + system) / 100,
    own: (ownUser + ownSystem + childUser + childSystem) / 100,
  }
}

/** How many cores other programs kept busy meanwhile. Linux only. */
export async function otherCoresDuring<T>(
  work: () => Promise<T>,
): Promise<{ result: T; otherCores: number }> {
  const [before, startedAt] = [spentSeconds(), performance.now()]
  const result = await work()
  const [after, seconds] = [spentSeconds(), (performance.now() - startedAt) / 1000]
  const others = after.all - before.all - (after.own - before.own)
  return { result, otherCores: Math.max(0, others / seconds) }
}
