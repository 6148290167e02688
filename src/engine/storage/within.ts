import { isAbsolute, relative, sep } from 'node:path'

/** Whether a path leads to a folder or to something in it, `..` resolved. Links are not followed. */
export function isWithin(folder: string, path: string): boolean {
  const inside = relative(folder, path)
  return !isAbsolute(inside) && inside !== '..' && !inside.startsWith(`..${sep}`)
}
