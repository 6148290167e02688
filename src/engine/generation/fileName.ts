import { basename, posix } from 'node:path'

/** A picture as it is found on disk: its place among others, which has no extension, and its file's own name. */
export function fileName(name: string, path: string): string {
  return posix.join(posix.dirname(name), basename(path))
}
