import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unzip } from '../../scripts/setup/zip.mjs'

type Entry = { name: string; text: string; method: 0 | 8; mode: number; crc?: number }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-zip-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A zip archive after APPNOTE 6.3, with an extra field in the local header, as some tools write. */
function zipOf(entries: Entry[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, text, method, mode, crc } of entries) {
    const data = method === 8 ? deflateRawSync(text) : Buffer.from(text)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc ?? crc32(text), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(Buffer.byteLength(text), 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.from(common)
    local.writeUInt16LE(4, 24)
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), local, Buffer.from(name), Buffer.alloc(4), data])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((mode << 16) >>> 0, 6)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, Buffer.from(name))
    bodies.push(body)
    at += body.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bodies, central, end])
}

async function unpack(entries: Entry[], pick = (name: string): string | null => name) {
  const archive = join(folder, 'a.zip')
  await writeFile(archive, zipOf(entries))
  return unzip(archive, join(folder, 'out'), pick)
}

const text = 'a tree, a house, a road. '.repeat(500)

test('unpacks stored and deflated files with their modes, and leaves out the rest', async () => {
  const count = await unpack(
    [
      { name: 'bin/tool', text, method: 8, mode: 0o100755 },
      { name: 'notes.txt', text: 'plain', method: 0, mode: 0o100644 },
      { name: 'empty', text: '', method: 0, mode: 0o100644 },
      { name: 'other', text, method: 8, mode: 0o100644 },
    ],
    (name) => (name === 'other' ? null : name),
  )
  expect(count).toBe(3)
  expect(await readFile(join(folder, 'out/bin/tool'), 'utf8')).toBe(text)
  expect((await stat(join(folder, 'out/bin/tool'))).mode & 0o111).not.toBe(0)
  expect((await stat(join(folder, 'out/notes.txt'))).mode & 0o111).toBe(0)
  expect(await readFile(join(folder, 'out/empty'), 'utf8')).toBe('')
})

test('refuses a file whose content does not match its checksum', async () => {
  const entry: Entry = { name: 'tool', text, method: 8, mode: 0o100644, crc: 1 }
  await expect(unpack([entry])).rejects.toThrow('tool is damaged')
})

test('refuses a name that leads outside', async () => {
  const entry: Entry = { name: '../tool', text, method: 0, mode: 0o100644 }
  await expect(unpack([entry])).rejects.toThrow('leads outside')
})

test('refuses what is no archive', async () => {
  const archive = join(folder, 'a.zip')
  await writeFile(archive, 'not an archive at all, but long enough to be looked at')
  await expect(unzip(archive, folder, (name) => name)).rejects.toThrow('no directory')
})
