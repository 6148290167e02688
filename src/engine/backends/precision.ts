import type { Precision } from '../../core/training/precision.ts'

let depth = 0

/**
 * What is computed in here stays float32 in a step that is recorded for bfloat16. For the last layer of a network: bfloat16
 * has 8 bits, and a picture of 16 bits needs more.
 */
export function inFloat32<T>(compute: () => T): T {
  depth += 1
  try {
    return compute()
  } finally {
    depth -= 1
  }
}

let recording: Precision = 'float32'

/** What is recorded in here is to run in a precision. */
export function recordingIn<T>(precision: Precision, record: () => T): T {
  const before = recording
  recording = precision
  try {
    return record()
  } finally {
    recording = before
  }
}

/** What the op that is made at this very moment will be computed in. */
export function precisionHere(): Precision {
  return depth > 0 ? 'float32' : recording
}

/** Whether this very moment is inside `inFloat32`. */
export function isFloat32Only(): boolean {
  return depth > 0
}
