import { execFileSync } from 'node:child_process'

export type RunningProcess = { id: number; command: string }

/** The direct children of a process, by the system's own list. */
export function childrenOf(parent: number): RunningProcess[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return table
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && Number(match[2]) === parent)
    .map((match) => ({ id: Number(match?.[1]), command: match?.[3] ?? '' }))
}
