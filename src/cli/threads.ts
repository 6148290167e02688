import { refuse } from '../core/errors.ts'

/** `--threads 4` as a request to the backend; nothing where it was left out. */
export function threadsFrom(text: string | undefined): { threads?: number } {
  if (text === undefined) return {}
  const threads = Number(text)
  if (/^\d+$/.test(text) && threads >= 1 && threads <= 1024) return { threads }
  throw refuse('option-invalid', `--threads cannot take "${text}".`, 'Give a whole number from 1 to 1024.')
}
