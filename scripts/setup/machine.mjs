import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * What set-up needs to know of a machine. A plain value: `planSetup` takes one that was never detected too.
 * @typedef {object} Machine
 * @property {'linux' | 'darwin' | 'win32'} platform
 * @property {'x64' | 'arm64'} arch
 * @property {'glibc' | 'musl' | null} libc null where the question does not arise
 * @property {boolean} nvidiaGpu an NVIDIA GPU with a loaded driver
 * @property {boolean} root may install system packages
 * @property {boolean} apt the system installs packages with apt
 * @property {boolean} display a window can be shown
 */

/** Looks at this machine through files and variables only, so that it takes milliseconds. @returns {Machine} */
export function detectMachine() {
  const platform = /** @type {Machine['platform']} */ (process.platform)
  return {
    platform,
    arch: /** @type {Machine['arch']} */ (process.arch),
    libc: detectLibc(platform),
    nvidiaGpu: platform === 'linux' && hasNvidiaDriver(),
    root: process.getuid?.() === 0,
    apt: platform === 'linux' && findCommand('apt-get') !== null,
    display: platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY),
  }
}

/** @param {string} name @returns {string | null} the full path of a command, or null */
export function findCommand(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : ['']
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending)
      if (folder && existsSync(path)) return path
    }
  }
  return null
}

/** @param {Machine} machine @returns {string} as in folder names: `linux-x64`, `linux-x64-cuda` */
export function nameOf(machine) {
  const gpu = usesCuda(machine) ? '-cuda' : ''
  return `${machine.platform}-${machine.arch}${gpu}`
}

/** TensorFlow's CUDA wheel exists for Linux on x64 alone. @param {Machine} machine */
export function usesCuda(machine) {
  return machine.platform === 'linux' && machine.arch === 'x64' && machine.nvidiaGpu
}

/** @param {Machine['platform']} platform @returns {Machine['libc']} */
function detectLibc(platform) {
  if (platform !== 'linux') return null
  const musl = ['/lib', '/usr/lib'].some(
    (folder) => existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('ld-musl-')),
  )
  // A glibc system may have musl installed beside it, for cross compiling.
  const glibc = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'].some((path) => existsSync(path))
  return musl && !glibc ? 'musl' : 'glibc'
}

/** The driver publishes itself here; `nvidia-smi` would take seconds and may be absent in containers. */
function hasNvidiaDriver() {
  return existsSync('/dev/nvidiactl') || existsSync('/proc/driver/nvidia/version')
}
