import { mapFiles } from '../core/files.ts'
import type { Refusal } from '../core/errors.ts'

export type Output = {
  /** One event: a line of JSON with --json, else what `words` says of it (nothing for undefined). */
  event(event: object, words?: string): void
  /** Progress that replaces itself on a terminal; not shown elsewhere, and never with --json. */
  progress(words: string): void
  /** A refusal in plain words on standard error; with --json also as a line. */
  refusal(refusal: Refusal): void
}

/** Files become plain paths: what a script wants to read. */
function plain(event: object): unknown {
  return mapFiles(
    event,
    (value) => Object.keys(value).length === 1 && 'path' in value,
    (file: { path: string }) => file.path,
  )
}

const ERASE_LINE = '\r\u001b[2K'

export function createOutput(json: boolean): Output {
  const live = !json && process.stdout.isTTY
  let pending = false
  const clear = () => {
    if (pending) process.stdout.write(ERASE_LINE)
    pending = false
  }
  return {
    event(event, words) {
      clear()
      if (json) process.stdout.write(`${JSON.stringify(plain(event))}\n`)
      else if (words !== undefined) process.stdout.write(`${words}\n`)
    },
    progress(words) {
      if (!live) return
      process.stdout.write(`${ERASE_LINE}${words.slice(0, (process.stdout.columns || 80) - 1)}`)
      pending = true
    },
    refusal(refusal) {
      clear()
      if (json) process.stdout.write(`${JSON.stringify({ type: 'refused', ...refusal })}\n`)
      process.stderr.write(`${refusal.message}\n${refusal.remedy}\n`)
    },
  }
}
