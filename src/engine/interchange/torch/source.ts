import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { refuse } from '../../../core/errors.ts'
import { damagedTorch } from './pickle.ts'
import type { Pickled } from './pickled.ts'

/** An open file, how long it is, and what it is called in refusals. */
export type Source = { descriptor: number; bytes: number; file: string; close(): void }
/** Where the numbers of a storage lie in the file, in bytes. */
export type Place = { begin: number; end: number }
/** What a file of PyTorch says, and the numbers beside it by the keys of their storages. */
export type Content = { value: Pickled; places: ReadonlyMap<string, Place> }

/** Names alone take no megabytes: a longer stream is an attack or an accident. */
export const MAX_PICKLE_BYTES = 16 * 1024 * 1024

/** @throws Refused `torch-file-missing` */
export function openSource(path: string): Source {
  const descriptor = openForReading(path)
  return {
    descriptor,
    bytes: fstatSync(descriptor).size,
    file: basename(path),
    close: () => closeSync(descriptor),
  }
}

function openForReading(path: string): number {
  try {
    if (statSync(path).isFile()) return openSync(path, 'r')
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw missing(path, isMissing ? 'is not there' : 'cannot be read')
  }
  throw missing(path, 'is a folder or a device')
}

function missing(path: string, why: string): Error {
  return refuse(
    'torch-file-missing',
    `The file ${path} ${why}.`,
    'Give a file of PyTorch weights, such as latest_net_G.pth.',
  )
}

/** So many bytes of it. Nothing is set aside for what the file only says that it holds. @throws Refused `torch-file-damaged` */
export function readAt({ descriptor, bytes, file }: Source, position: number, length: number): Buffer {
  if (!(position >= 0 && length >= 0 && position + length <= bytes))
    throw damagedTorch(file, 'it ends too early')
  const buffer = Buffer.alloc(length)
  for (let done = 0; done < length;) {
    const count = readSync(descriptor, buffer, done, length - done, position + done)
    if (count === 0) throw damagedTorch(file, 'it ends too early')
    done += count
  }
  return buffer
}
