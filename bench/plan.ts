// What the planner says against what comes true: bin/node24 bench/plan.ts [--only NAME]
// Seven settings on the bundled samples, each planned, then really trained by the command line in a process of its own.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Estimate } from '../src/core/planning/plan.ts'
import type { TrainingSettings } from '../src/core/project/project.ts'
import { markdownRow } from '../src/engine/generation/table.ts'
import { planRun } from '../src/engine/planning/plan.ts'
import { createProject, setTraining } from '../src/engine/storage/project.ts'
import { engineEnvironment, otherCoresDuring } from './quiet.ts'

type Setting = { name: string; sample: string; training: TrainingSettings }
type Truth = { seconds: number; memoryBytes: number; diskBytes: number }

const settings: readonly Setting[] = [
  {
    name: 'pix2pix-256',
    sample: 'map-to-satellite',
    training: {
      recipe: 'pix2pix',
      options: { netG: 'unet_256', ngf: 32, ndf: 32, steps: 400, sampleEvery: 100, checkpointEvery: 100 },
    },
  },
  {
    name: 'pix2pix-128',
    sample: 'map-to-satellite',
    training: {
      recipe: 'pix2pix',
      options: { cropSizePx: 128, steps: 400, sampleEvery: 100, checkpointEvery: 100 },
    },
  },
  {
    name: 'cyclegan-128',
    sample: 'day-to-night-unpaired',
    training: {
      recipe: 'cyclegan',
      options: {
        preprocess: 'crop',
        cropSizePx: 128,
        netG: 'resnet_6blocks',
        ngf: 32,
        ndf: 32,
        steps: 150,
        sampleEvery: 50,
        checkpointEvery: 50,
      },
    },
  },
  {
    name: 'restore-96',
    sample: 'photographs',
    training: {
      recipe: 'restore',
      options: { cropSizePx: 96, batchSize: 2, steps: 400, sampleEvery: 100, checkpointEvery: 100 },
    },
  },
  {
    name: 'tiny-64',
    sample: 'map-to-satellite',
    training: {
      recipe: 'pix2pix',
      options: { cropSizePx: 64, ngf: 8, ndf: 8, steps: 2000, sampleEvery: 400, checkpointEvery: 400 },
    },
  },
  {
    name: 'cgan-28',
    sample: 'fashion',
    training: {
      recipe: 'cgan',
      options: { cropSizePx: 28, ngf: 32, ndf: 32, steps: 1000, sampleEvery: 250, checkpointEvery: 250 },
    },
  },
  {
    name: 'progressive-32',
    sample: 'fashion',
    training: {
      recipe: 'progressive',
      options: { cropSizePx: 32, ngf: 16, batchSize: 8, steps: 1400, sampleEvery: 350, checkpointEvery: 350 },
    },
  },
]

async function plan(projectFolder: string, training: TrainingSettings): Promise<Estimate> {
  const signal = new AbortController().signal
  // Patience without end: nothing lighter is looked for.
  for await (const event of planRun({ projectFolder, training, patienceSeconds: 1e9 }, signal))
    if (event.type === 'plan') return event.plan.estimate
  throw new Error('There was no plan.')
}

function folderBytes(folder: string): number {
  let sum = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // A file may go between the listing and the look at it: the run is writing.
    if (entry.isFile())
      sum += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return sum
}

function peakBytes(processId: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

/** Trains by the command line. Seconds from its start to its end; the most memory and disk that it was seen to take. */
async function train(projectFolder: string): Promise<Truth> {
  const entry = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
  const before = folderBytes(projectFolder)
  const startedAt = performance.now()
  const child = spawn(process.execPath, [entry, 'train', projectFolder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const truth: Truth = { seconds: 0, memoryBytes: 0, diskBytes: 0 }
  const look = () => {
    try {
      truth.diskBytes = Math.max(truth.diskBytes, folderBytes(projectFolder) - before)
      truth.memoryBytes = Math.max(truth.memoryBytes, peakBytes(child.pid ?? 0))
    } catch (error) {
      // The process has just ended, or a folder has just gone.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  const timer = setInterval(look, 200)
  const code = await new Promise((resolve) => child.once('exit', resolve))
  clearInterval(timer)
  truth.seconds = (performance.now() - startedAt) / 1000
  if (code !== 0) throw new Error(`The training ended with code ${String(code)}.`)
  return truth
}

function compared(said: number, truth: number, unit: number, digits: number): string {
  const off = 100 * (said / truth - 1)
  return `${(said / unit).toFixed(digits)} / ${(truth / unit).toFixed(digits)} (${off >= 0 ? '+' : ''}${off.toFixed(0)}%)`
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
Object.assign(process.env, engineEnvironment)
console.log(
  'Estimate / truth. In brackets: how far off. Other work: cores that other programs took meanwhile.',
)
console.log('| settings | seconds | memory, MB | disk, MB | other work while planning, training |')
console.log('|---|---|---|---|---|')
for (const { name, sample, training } of settings) {
  if (values.only !== undefined && values.only !== name) continue
  const room = mkdtempSync(join(tmpdir(), 'diptych-plan-'))
  try {
    const folder = join(room, 'project')
    await createProject(folder, { name, sample, dataset: null })
    await setTraining(folder, training)
    const planned = await otherCoresDuring(() => plan(folder, training))
    const trained = await otherCoresDuring(() => train(folder))
    const [said, truth] = [planned.result, trained.result]
    const cells = [
      compared(said.seconds, truth.seconds, 1, 0),
      compared(said.memoryBytes, truth.memoryBytes, 1e6, 0),
      compared(said.diskBytes, truth.diskBytes, 1e6, 0),
      `${planned.otherCores.toFixed(2)}, ${trained.otherCores.toFixed(2)}`,
    ]
    console.log(markdownRow([name, ...cells]))
  } finally {
    rmSync(room, { recursive: true, force: true })
  }
}
