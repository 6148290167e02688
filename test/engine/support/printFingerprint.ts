// Run by a test as a process of its own: trains a few steps and prints the fingerprint of the result.
import { openBackend } from '../../../src/engine/backends/index.ts'
import { trainers } from '../../../src/engine/recipes/index.ts'
import { fingerprint, tinyContext, tinyOptions, trainSteps } from './tinyRun.ts'

await openBackend({ threads: 2 })
const trainer = trainers.pix2pix(tinyOptions(), tinyContext)
await trainSteps(trainer, 1, 8)
process.stdout.write(fingerprint(trainer))
