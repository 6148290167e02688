import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { downloadFolder, ensurePart, partFolder } from '../cache.mjs'
import { mustRun } from '../run.mjs'
import { fetchNpm } from './fetchNpm.mjs'

/** @typedef {import('../plan.mjs').PlannedPart} PlannedPart */

/** @param {string} cache @param {PlannedPart} part @returns {string} */
export function nodePath(cache, part) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  return join(partFolder(cache, part.folder ?? ''), 'bin', name)
}

/**
 * Takes the Node binary and its licence out of the pinned package.
 * @param {{ cache: string, part: PlannedPart, step: import('../progress.mjs').Step }} options
 * @returns {Promise<string>} the binary's path
 */
export async function makeNode24({ cache, part, step }) {
  const name = part.folder ?? ''
  const [source] = part.sources
  if (source === undefined) throw new Error(`${name} has no source`)
  await ensurePart({
    cache,
    part: name,
    note: step.note,
    make: async (work) => {
      step.watch(work, part.downloadMB)
      const archive = await fetchNpm(source, { work, downloads: downloadFolder(cache, name) })
      step.unwatch()
      await unpack(archive, work)
    },
  })
  return nodePath(cache, part)
}

/** @param {string} archive @param {string} work */
async function unpack(archive, work) {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  // The Windows package carries no licence file.
  const licence = process.platform === 'win32' ? [] : ['package/LICENSE']
  const members = [`package/bin/${binary}`, ...licence]
  await mustRun('tar', ['-xzf', archive, '-C', work, ...members], {
    code: 'archive-damaged',
    what: `Unpacking ${archive}`,
    remedy: 'Delete the file and start again.',
  })
  await mkdir(join(work, 'bin'))
  await rename(join(work, 'package', 'bin', binary), join(work, 'bin', binary))
  if (licence.length > 0) await rename(join(work, 'package', 'LICENSE'), join(work, 'LICENSE'))
  await rm(join(work, 'package'), { recursive: true })
  await chmod(join(work, 'bin', binary), 0o755)
}
