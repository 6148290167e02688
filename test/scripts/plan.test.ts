import { describe, expect, test } from 'vitest'
import type { Machine } from '../../scripts/setup/machine.mjs'
import { cudaWheels, nodePins, tensorflowWheels, windowsWheels } from '../../scripts/setup/pins.mjs'
import { planSetup } from '../../scripts/setup/plan.mjs'

const linux: Machine = {
  platform: 'linux',
  arch: 'x64',
  libc: 'glibc',
  nvidiaGpu: false,
  root: true,
  apt: true,
  display: false,
}

const idsOf = (machine: Machine, want: 'studio' | 'headless' | 'test' = 'studio') =>
  planSetup(machine, want).parts.map((part) => part.id)

function sourcesOf(machine: Machine, id: string) {
  return planSetup(machine, 'test').parts.find((part) => part.id === id)?.sources ?? []
}

describe('what set-up chooses', () => {
  test('Linux x64 without an NVIDIA GPU: the CPU wheel, and no window without a display', () => {
    expect(idsOf(linux)).toEqual(['packages', 'node24', 'tensorflow', 'binding'])
    expect(sourcesOf(linux, 'tensorflow').map((source) => source.name)).toEqual(['tensorflow-cpu'])
    expect(planSetup(linux).systemPackages.map((entry) => entry.name)).toEqual(['python3-pip', 'g++'])
  })

  test('Linux x64 with an NVIDIA GPU: the CUDA wheel and every CUDA library, in parts of their own', () => {
    const gpu = { ...linux, nvidiaGpu: true }
    const names = sourcesOf(gpu, 'tensorflow').map((source) => source.name)
    expect(names[0]).toBe('tensorflow')
    expect(names.slice(1)).toEqual(cudaWheels.map((wheel) => wheel.name))
    const folders = (machine: Machine) => planSetup(machine).parts.map((part) => part.folder)
    for (const id of [2, 3]) expect(folders(gpu)[id]).not.toBe(folders(linux)[id])
  })

  test('Linux arm64: its own wheel, and no CUDA even with a GPU', () => {
    const arm: Machine = { ...linux, arch: 'arm64', nvidiaGpu: true }
    expect(sourcesOf(arm, 'tensorflow').map((source) => source.file)).toEqual([
      tensorflowWheels['linux-arm64']?.file,
    ])
    expect(sourcesOf(arm, 'electron')).toEqual([])
  })

  test('macOS arm64: the macOS wheel, nothing from apt, said to be unverified', () => {
    const mac: Machine = { ...linux, platform: 'darwin', arch: 'arm64', libc: null, display: true }
    const plan = planSetup(mac)
    expect(sourcesOf(mac, 'tensorflow')[0]?.file).toMatch(/macosx.*arm64/)
    expect(plan.systemPackages).toEqual([])
    expect(plan.parts.find((part) => part.id === 'binding')?.verified).toBe(false)
  })

  test('Windows: the wheel follows the Python that is there', () => {
    const windows: Machine = { ...linux, platform: 'win32', libc: null, display: true }
    for (const python of ['cp310', 'cp313']) {
      const tensorflow = planSetup(windows, 'studio', python).parts.find((part) => part.id === 'tensorflow')
      expect(tensorflow?.sources[0]?.file).toBe(windowsWheels[python]?.file)
    }
    expect(planSetup(windows, 'studio', 'cp39').problems.map((problem) => problem.code)).toEqual([
      'tensorflow-unavailable',
    ])
  })

  test.each<[string, Machine]>([
    ['macOS on Intel', { ...linux, platform: 'darwin', libc: null, display: true }],
    ['Linux with musl', { ...linux, libc: 'musl' }],
  ])('%s: no TensorFlow, said with a remedy, and the rest is planned', (_name, machine) => {
    const plan = planSetup(machine)
    expect(plan.parts.map((part) => part.id)).not.toContain('tensorflow')
    expect(plan.problems.map((problem) => problem.code)).toContain('tensorflow-unavailable')
    expect(plan.parts.map((part) => part.id)).toContain('packages')
  })

  test('the tests want a window everywhere, and a display where there is none', () => {
    expect(idsOf(linux, 'test')).toContain('electron')
    const wanted = planSetup(linux, 'test').systemPackages.map((entry) => entry.name)
    expect(wanted).toContain('xvfb')
    const withDisplay = planSetup({ ...linux, display: true }, 'test').systemPackages
    expect(withDisplay.map((entry) => entry.name)).not.toContain('xvfb')
  })
})

test('every pin is a whole SHA-256 of its own', () => {
  const pins = [nodePins, tensorflowWheels, windowsWheels].flatMap((group) => Object.values(group))
  const hashes = [...pins, ...cudaWheels].map((pin) => pin.sha256)
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set(hashes).size).toBe(hashes.length)
})
