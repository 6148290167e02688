import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where steps tell what they do.
 * @typedef {object} Step
 * @property {(text: string) => void} note a line about this step
 * @property {(folder: string, expectedMB: number) => void} watch show how far a folder has grown
 * @property {() => void} unwatch
 */

const redrawMs = 300

/**
 * Numbered steps with their expected size and time; on a terminal a live last line as well.
 * @param {{ log: (line: string) => void, terminal: NodeJS.WriteStream | null, total: number }} options
 */
export function createProgress({ log, terminal, total }) {
  /** @type {Map<string, { folder: string, expectedMB: number }>} */
  const watched = new Map()
  let started = 0
  const clear = () => terminal?.write('\r\x1b[2K')
  const say = (/** @type {string} */ line) => {
    clear()
    log(line)
  }
  const redraw = () => {
    const parts = [...watched].map(([title, { folder, expectedMB }]) => {
      const percent = Math.min(99, Math.floor((folderMB(folder) / expectedMB) * 100))
      return `${title} ${percent}%`
    })
    if (parts.length > 0) terminal?.write(`\r\x1b[2K      ${parts.join(', ')}`)
  }
  const timer = terminal ? setInterval(redraw, redrawMs) : null
  timer?.unref()

  return {
    say,
    stop() {
      if (timer) clearInterval(timer)
      clear()
    },
    /**
     * @template T
     * @param {string} title
     * @param {{ downloadMB: number, seconds: number }} expected
     * @param {(step: Step) => Promise<T>} work
     * @returns {Promise<T>}
     */
    async step(title, expected, work) {
      started += 1
      const label = `[${started}/${total}] ${title}`
      const startedAt = Date.now()
      say(`${label}: ${describe(expected)}`)
      try {
        const result = await work({
          note: (text) => say(`${label}: ${text}`),
          watch: (folder, expectedMB) => void watched.set(title, { folder, expectedMB }),
          unwatch: () => void watched.delete(title),
        })
        say(`${label}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
        return result
      } finally {
        watched.delete(title)
      }
    },
  }
}

/** @param {{ downloadMB: number, seconds: number }} expected */
function describe({ downloadMB, seconds }) {
  const size = downloadMB > 0 ? `about ${downloadMB} MB to fetch, ` : ''
  return `${size}about ${seconds} s`
}

/** @param {string} folder */
function folderMB(folder) {
  let bytes = 0
  try {
    for (const name of readdirSync(folder, { recursive: true })) {
      bytes += statSync(join(folder, String(name)), { throwIfNoEntry: false })?.size ?? 0
    }
  } catch {
    // The folder is being filled or was just renamed: the next look will do.
  }
  return bytes / 1e6
}
