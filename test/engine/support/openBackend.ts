// Run by a test as a process of its own: opens the backend with the request in the first argument and tells what came of it.
import { readdirSync } from 'node:fs'
import { openBackend } from '../../../src/engine/backends/index.ts'
import type { BackendRequest } from '../../../src/engine/backends/index.ts'
import { tf } from '../../../src/engine/backends/tf.ts'

const info = await openBackend(JSON.parse(process.argv[2] ?? '{}') as BackendRequest)
const product = tf.tidy(() => tf.matMul(tf.ones([256, 256]), tf.ones([256, 256])).dataSync()[0])
const threadsRunning = process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0
process.stdout.write(JSON.stringify({ info, product, threadsRunning }))
