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

/** Whether this very moment is inside `inFloat32`. */
export function isFloat32Only(): boolean {
  return depth > 0
}
