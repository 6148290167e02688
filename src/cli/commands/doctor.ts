import type { Command } from 'commander'
import { detectMachine, planSetup } from '../../../scripts/setup/index.mjs'
import { refuse } from '../../core/errors.ts'
import { nearest } from '../../core/options/parse.ts'
import type { Diagnosis } from '../../engine/doctor.ts'
import { EXIT_DONE } from '../exits.ts'
import type { Output } from '../output.ts'
import { runCommand } from '../run.ts'

type DoctorFlags = { plan?: string | true; json?: boolean }
type Machine = ReturnType<typeof detectMachine>

const bare = { libc: null, nvidiaGpu: false, root: false, apt: false, display: true } as const
const linux = { ...bare, platform: 'linux', libc: 'glibc', apt: true } as const
const machines: Record<string, Machine> = {
  'linux-x64': { ...linux, arch: 'x64' },
  'linux-x64-cuda': { ...linux, arch: 'x64', nvidiaGpu: true },
  'linux-arm64': { ...linux, arch: 'arm64' },
  'darwin-arm64': { ...bare, platform: 'darwin', arch: 'arm64' },
  'darwin-x64': { ...bare, platform: 'darwin', arch: 'x64' },
  'win32-x64': { ...bare, platform: 'win32', arch: 'x64' },
}

function machineNamed(name: string | true): Machine {
  if (name === true) return detectMachine()
  const machine = machines[name]
  if (machine) return machine
  const known = Object.keys(machines)
  const meant = nearest(name, known)
  throw refuse(
    'usage',
    `There is no machine named ${name}.`,
    meant ? `Did you mean ${meant}?` : `The machines are: ${known.join(', ')}.`,
  )
}

function tellPlan(output: Output, name: string | true): void {
  const plan = planSetup(machineNamed(name))
  const parts = plan.parts.map((part) => {
    const size = `${part.downloadMB} MB to fetch, ${part.diskMB} MB on disk, about ${part.seconds} s`
    return `  ${part.title} ${part.version}: ${size}${part.verified ? '' : ' (not yet verified on such a machine)'}${part.note ? `\n    ${part.note}` : ''}`
  })
  const system = plan.systemPackages.map((entry) => entry.name.replace('|', ' or '))
  const problems = plan.problems.map((problem) => `  ${problem.message} ${problem.remedy}`)
  const lines = [
    `Set-up for ${plan.machine} would fetch and build:`,
    ...parts,
    ...(system.length > 0 ? [`System packages: ${system.join(', ')}`] : []),
    ...(problems.length > 0 ? ['What it could not do:', ...problems] : []),
  ]
  output.event({ type: 'plan', ...plan }, lines.join('\n'))
}

function tellDiagnosis(output: Output, found: Diagnosis): void {
  const electron = found.electron
    ? `${found.electron.version}${found.electron.endOfLife ? ' (end of life, for tests)' : ''}`
    : 'not set up'
  const lines = [
    `Diptych     ${found.diptych}`,
    `Backend     ${found.backend}${found.tensorflow ? ` ${found.tensorflow}` : ''} on ${found.device}, ${found.threads} threads`,
    `Precision   ${found.precision}: ${found.precisionBecause}`,
    `Processor   ${found.processor}`,
    `Memory      ${(found.memoryMb.total / 1000).toFixed(1)} GB, ${(found.memoryMb.free / 1000).toFixed(1)} GB free`,
    `Node        ${found.node}`,
    `Electron    ${electron}`,
    `Cache       ${found.cache}`,
    ...(found.problems.length === 0
      ? ['Nothing is missing.']
      : ['', ...found.problems.map((problem) => `${problem.message}\n  ${problem.remedy}`)]),
  ]
  output.event(found, lines.join('\n'))
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Say what this machine computes with, what is missing, and the remedy.')
    .option(
      '--plan [machine]',
      `what set-up would choose, without doing it; for this machine, or one of ${Object.keys(machines).join(', ')}`,
    )
    .option('--json', 'one line of JSON')
    .action((flags: DoctorFlags) =>
      runCommand(flags.json ?? false, async ({ output }) => {
        if (flags.plan !== undefined) tellPlan(output, flags.plan)
        else {
          const { diagnose } = await import('../../engine/doctor.ts')
          tellDiagnosis(output, await diagnose())
        }
        return EXIT_DONE
      }),
    )
}
