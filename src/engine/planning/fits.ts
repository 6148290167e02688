import type { Estimate, Plan } from '../../core/planning/plan.ts'
import { COPIES_AT_START, neededBytes } from '../training/saving.ts'

/** What a person and a machine have. `seconds` null: no limit. */
export type Limits = { seconds: number | null; memoryBytes: number; diskBytes: number }

/** Whether settings fit: on the disk also what a run demands before it begins. */
export function fitsOf(estimate: Estimate, limits: Limits): Plan['fits'] {
  const { seconds, memoryBytes, diskBytes, checkpointBytes } = estimate
  return {
    time: limits.seconds === null || seconds <= limits.seconds,
    memory: memoryBytes <= limits.memoryBytes,
    disk: Math.max(diskBytes, neededBytes(checkpointBytes, COPIES_AT_START)) <= limits.diskBytes,
  }
}

export function fitsAll(estimate: Estimate, limits: Limits): boolean {
  return Object.values(fitsOf(estimate, limits)).every(Boolean)
}
