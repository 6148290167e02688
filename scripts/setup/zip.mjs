import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { SetupError } from './errors.mjs'

/**
 * One file of a zip archive. A bare system has no unzip, so we read the format ourselves (PKWARE APPNOTE 6.3, without zip64:
 * none of our archives reaches 4 GB).
 * @typedef {{ name: string, method: number, crc: number, packedBytes: number, bytes: number, headerAt: number, mode: number }} ZipEntry
 */

const endSignature = 0x06054b50
const centralSignature = 0x02014b50
const localHeaderBytes = 30

/**
 * Unpacks the files that `pick` names, checking every CRC.
 * @param {string} archive
 * @param {string} target
 * @param {(name: string) => string | null} pick the path below target, or null to leave the file out
 * @returns {Promise<number>} how many files were written
 */
export async function unzip(archive, target, pick) {
  let count = 0
  for (const entry of await readEntries(archive)) {
    const name = entry.name.endsWith('/') ? null : pick(entry.name)
    if (name === null) continue
    const path = resolve(target, name)
    if (!path.startsWith(resolve(target) + sep)) throw damaged(archive, `${name} leads outside`)
    await mkdir(dirname(path), { recursive: true })
    await extract(archive, entry, path)
    count += 1
  }
  return count
}

/** @param {string} archive @returns {Promise<ZipEntry[]>} */
async function readEntries(archive) {
  const file = await open(archive)
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, 65_557))
    await file.read(tail, 0, tail.length, size - tail.length)
    const end = findEnd(tail)
    if (end === null) throw damaged(archive, 'it has no directory')
    const directory = Buffer.alloc(end.bytes)
    await file.read(directory, 0, end.bytes, end.at)
    return parseDirectory(archive, directory)
  } finally {
    await file.close()
  }
}

/** @param {Buffer} tail */
function findEnd(tail) {
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === endSignature) {
      return { bytes: tail.readUInt32LE(at + 12), at: tail.readUInt32LE(at + 16) }
    }
  }
  return null
}

/** @param {string} archive @param {Buffer} directory @returns {ZipEntry[]} */
function parseDirectory(archive, directory) {
  const entries = []
  let at = 0
  while (at + 46 <= directory.length) {
    if (directory.readUInt32LE(at) !== centralSignature) throw damaged(archive, 'its directory is broken')
    const nameBytes = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      headerAt: directory.readUInt32LE(at + 42),
      mode: directory.readUInt32LE(at + 38) >>> 16,
    })
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

/** @param {string} archive @param {ZipEntry} entry @param {string} path */
async function extract(archive, entry, path) {
  const start = await findData(archive, entry)
  const mode = entry.mode & 0o111 ? 0o755 : 0o644
  const output = createWriteStream(path, { mode, highWaterMark: 1 << 20 })
  if (entry.packedBytes === 0) return void (await pipeline([], output))
  const input = createReadStream(archive, {
    start,
    end: start + entry.packedBytes - 1,
    highWaterMark: 1 << 20,
  })
  const check = { crc: 0, bytes: 0 }
  const count = new Transform({
    transform(chunk, _encoding, done) {
      check.crc = crc32(chunk, check.crc)
      check.bytes += chunk.length
      done(null, chunk)
    },
  })
  if (entry.method === 8) await pipeline(input, createInflateRaw({ chunkSize: 1 << 20 }), count, output)
  else if (entry.method === 0) await pipeline(input, count, output)
  else throw damaged(archive, `${entry.name} is packed in a way that is not supported`)
  if (check.crc !== entry.crc || check.bytes !== entry.bytes)
    throw damaged(archive, `${entry.name} is damaged`)
}

/** The local header repeats the name and has an extra field of its own length. @param {string} archive @param {ZipEntry} entry */
async function findData(archive, entry) {
  const file = await open(archive)
  try {
    const header = Buffer.alloc(localHeaderBytes)
    await file.read(header, 0, localHeaderBytes, entry.headerAt)
    return entry.headerAt + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28)
  } finally {
    await file.close()
  }
}

/** @param {string} archive @param {string} cause */
function damaged(archive, cause) {
  return new SetupError(
    'archive-damaged',
    `${archive} cannot be unpacked: ${cause}.`,
    'Delete the file and start again.',
  )
}
