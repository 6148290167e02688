// A process that locks the project in its first argument, says so, and holds it until it is killed.
import { lockProject } from '../../../src/engine/storage/lock.ts'

lockProject(process.argv[2] ?? '')
process.stdout.write('locked\n')
setInterval(() => undefined, 1000)
