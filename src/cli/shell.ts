/** A path as a shell takes it, so that the line can be copied. */
export function inShell(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
