import { existsSync, statSync } from 'node:fs'
import { copyFile, mkdir, readdir, link, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { preparePatchedSources } from '../addon/patches.mjs'
import { ensurePart, partFolder } from '../cache.mjs'
import { SetupError } from '../errors.mjs'
import { findCommand } from '../machine.mjs'
import { mustRun } from '../run.mjs'

const addonName = 'tfjs_binding.node'

/** @param {string} root @returns {string} where tfjs-node looks for its addon */
export function addonLinkPath(root) {
  return join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib', 'napi-v8', addonName)
}

/**
 * Builds tfjs-node's own C++ binding, with the calls that run recorded steps, against the cached TensorFlow.
 * @param {object} options
 * @param {string} options.root
 * @param {string} options.cache
 * @param {import('../plan.mjs').PlannedPart} options.part
 * @param {import('../plan.mjs').PlannedPart} options.tensorflow
 * @param {import('../progress.mjs').Step} options.step
 */
export async function makeBinding({ root, cache, part, tensorflow, step }) {
  const name = part.folder ?? ''
  await ensurePart({
    cache,
    part: name,
    note: step.note,
    make: (work) => compile(root, partFolder(cache, tensorflow.folder ?? ''), tensorflow.folder ?? '', work),
  })
  await putAddon(root, partFolder(cache, name), partFolder(cache, tensorflow.folder ?? ''))
}

/** @param {string} root @param {string} tensorflow its folder @param {string} tensorflowName @param {string} work */
async function compile(root, tensorflow, tensorflowName, work) {
  const source = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
  const napi = join(root, 'node_modules', 'node-api-headers')
  const files = await preparePatchedSources(join(source, 'binding'), join(work, 'source'))
  const includes = [source, join(tensorflow, 'tensorflow', 'include'), join(napi, 'include')]
  if (process.platform === 'win32') return compileOnWindows({ files, includes, napi, tensorflow, work })
  const mac = process.platform === 'darwin'
  const libraries = join(tensorflow, 'tensorflow')
  // The addon finds TensorFlow beside itself in the cache, so a moved cache still works. Node resolves the link to it first.
  const origin = mac ? '@loader_path' : '$ORIGIN'
  const args = [
    ...[
      // Comparisons of numbers that may be NaN are no reason to compute one number at a time.
      ...['-O3', '-fno-trapping-math', '-fno-math-errno'],
      '-std=c++17',
      '-fPIC',
      '-DNAPI_VERSION=8',
      ...includes.map((folder) => `-I${folder}`),
      ...files,
    ],
    ...['-o', join(work, addonName), `-Wl,-rpath,${origin}/../${tensorflowName}/tensorflow`],
    ...(mac
      ? ['-bundle', '-undefined', 'dynamic_lookup']
          .concat(join(libraries, 'libtensorflow_cc.2.dylib'))
          .concat(join(libraries, 'libtensorflow_framework.2.dylib'))
      : ['-shared', `-L${libraries}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2']),
  ]
  await mustRun(findCompiler(mac), args, {
    code: 'compiler-failed',
    what: 'Compiling the TensorFlow binding',
    remedy: 'Look at the message; without the binding the engine falls back to a much slower backend.',
  })
  await rm(join(work, 'source'), { recursive: true })
}

/** @param {boolean} mac */
function findCompiler(mac) {
  const compiler = ['g++', 'clang++', 'c++'].find((name) => findCommand(name) !== null)
  if (compiler !== undefined) return mac ? 'clang++' : compiler
  throw new SetupError(
    'compiler-missing',
    'The TensorFlow binding is compiled on this machine, and no C++ compiler was found.',
    mac ? 'Run: xcode-select --install' : 'Run: sudo apt-get install g++',
  )
}

/**
 * Never run yet (docs/setup.md). Node's own functions come from an import library made of node-api-headers' list.
 * @param {{ files: string[], includes: string[], napi: string, tensorflow: string, work: string }} options
 */
async function compileOnWindows({ files, includes, napi, tensorflow, work }) {
  const remedy =
    'Install "Desktop development with C++" (Visual Studio Build Tools) and start from its x64 command prompt.'
  if (findCommand('cl') === null) {
    throw new SetupError(
      'compiler-missing',
      'The TensorFlow binding needs the compiler cl, which was not found.',
      remedy,
    )
  }
  const options = { cwd: work, code: 'compiler-failed', what: 'Compiling the TensorFlow binding', remedy }
  const definitions = ['js_native_api.def', 'node_api.def']
  for (const name of definitions) {
    const out = name.replace('.def', '.lib')
    await mustRun('lib.exe', [`/def:${join(napi, 'def', name)}`, `/out:${out}`, '/machine:x64'], options)
  }
  const library = join(tensorflow, 'tensorflow', 'python', '_pywrap_tensorflow_common.dll.if.lib')
  const flags = ['/nologo', '/O2', '/EHsc', '/std:c++17', '/LD', '/DNAPI_VERSION=8']
  const sources = [...includes.map((folder) => `/I${folder}`), ...files]
  const linked = ['/link', `/OUT:${addonName}`, library, 'js_native_api.lib', 'node_api.lib']
  await mustRun('cl.exe', [...flags, ...sources, ...linked], options)
}

/**
 * Puts the addon where tfjs-node looks for it: a link into the cache. Windows finds libraries beside the addon only, so there it
 * gets its own copy with hard links to them.
 * @param {string} root @param {string} binding @param {string} tensorflow
 */
async function putAddon(root, binding, tensorflow) {
  const path = addonLinkPath(root)
  const folder = join(path, '..')
  await mkdir(folder, { recursive: true })
  if (process.platform !== 'win32') {
    const fresh = `${path}.${process.pid}`
    await rm(fresh, { force: true })
    await symlink(join(binding, addonName), fresh)
    return rename(fresh, path)
  }
  await copyFile(join(binding, addonName), path)
  const libraries = join(tensorflow, 'tensorflow', 'python')
  for (const name of (await readdir(libraries)).filter((entry) => entry.endsWith('.dll'))) {
    await rm(join(folder, name), { force: true })
    await link(join(libraries, name), join(folder, name)).catch(() =>
      copyFile(join(libraries, name), join(folder, name)),
    )
  }
}

/**
 * Loads the addon once in the engine's Node: the only proof that library, addon and Node fit together.
 * @param {string} root @param {string} node24 @returns {Promise<void>}
 */
export async function proveAddon(root, node24) {
  const script = 'process.stdout.write(require(process.argv[1]).TF_Version)'
  await mustRun(node24, ['-e', script, addonLinkPath(root)], {
    timeoutMs: 60_000,
    code: 'binding-broken',
    what: 'Loading the TensorFlow binding',
    remedy: 'Look at the message; without the binding the engine falls back to a much slower backend.',
  })
}

/** True when the addon in node_modules is this part's. @param {string} root @param {string} binding the part's folder */
export function isAddonLinked(root, binding) {
  const path = addonLinkPath(root)
  if (!existsSync(path)) return false
  const addon = join(binding, addonName)
  if (process.platform === 'win32') {
    return statSync(path).size === statSync(addon, { throwIfNoEntry: false })?.size
  }
  return statSync(path).ino === statSync(addon, { throwIfNoEntry: false })?.ino
}
