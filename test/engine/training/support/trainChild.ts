// A training as a process of its own, to be killed, with the recipe that the project names. Arguments: project folder, `start`
// or `resume`, options as JSON.
// Tells every event as a line of JSON.
import { readProject } from '../../../../src/engine/storage/project.ts'
import { resumeRun, startRun } from '../../../../src/engine/training/run.ts'

const [projectFolder = '', command, options = '{}'] = process.argv.slice(2)
const { recipe } = (await readProject(projectFolder)).training
const training = { recipe, options: JSON.parse(options) as Record<string, unknown> }
const abort = new AbortController()
process.on('SIGTERM', () => abort.abort())

const events =
  command === 'start'
    ? startRun({ projectFolder, training, threads: 2 }, abort.signal)
    : resumeRun({ projectFolder }, abort.signal)
for await (const event of events) process.stdout.write(`${JSON.stringify(event)}\n`)
