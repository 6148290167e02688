import { readVersion } from '../../version.ts'
import type { Handlers } from './types.ts'

/** TensorFlow is loaded here at the latest, and only in the process that computes. */
export const hello: Handlers['engine:hello'] = async () => {
  const { openBackend } = await import('../../backends/index.ts')
  const backend = await openBackend()
  return {
    backend: { ...backend, fellBackBecause: backend.fellBackBecause ?? null },
    versions: { diptych: readVersion(), node: process.versions.node },
    processId: process.pid,
  }
}
