/** Reads a file out of a Qt resource bundle (.rcc, versions 1 to 3), as apt packages of Qt programs carry them. */
import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'

const COMPRESSED = 1
const DIRECTORY = 2
const ZSTANDARD = 4

/** @returns {Map<string, Buffer>} every file of the bundle by its path, `gcompris/src/...` */
export function readRcc(file) {
  const bytes = readFileSync(file)
  if (bytes.toString('latin1', 0, 4) !== 'qres') throw new Error(`${file} is no Qt resource bundle.`)
  const [version, tree, data, names] = [4, 8, 12, 16].map((at) => bytes.readUInt32BE(at))
  // From version 2 on, an entry ends with its time of change.
  const entryBytes = version >= 2 ? 22 : 14
  const nameAt = (offset) => {
    const at = names + offset
    const utf16 = Buffer.from(bytes.subarray(at + 6, at + 6 + 2 * bytes.readUInt16BE(at)))
    return utf16.swap16().toString('utf16le')
  }
  const contentAt = (offset, flags) => {
    const at = data + offset
    const content = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))
    if (flags & ZSTANDARD) throw new Error(`${file} is compressed with Zstandard, which is not read here.`)
    return flags & COMPRESSED ? inflateSync(content.subarray(4)) : content
  }
  const files = new Map()
  const visit = (index, parents) => {
    const at = tree + index * entryBytes
    const flags = bytes.readUInt16BE(at + 4)
    const path = index === 0 ? [] : [...parents, nameAt(bytes.readUInt32BE(at))]
    if (flags & DIRECTORY) {
      const [count, first] = [bytes.readUInt32BE(at + 6), bytes.readUInt32BE(at + 10)]
      for (let child = 0; child < count; child++) visit(first + child, path)
    } else files.set(path.join('/'), contentAt(bytes.readUInt32BE(at + 10), flags))
  }
  visit(0, [])
  return files
}
