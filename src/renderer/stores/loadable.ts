import { refusalOf } from '../../core/errors.ts'
import type { Refusal } from '../../core/errors.ts'

/** Something that is fetched: every view has a face for each of the four. */
export type Loadable<T> =
  | { status: 'idle' }
  | { status: 'loading' }
  | { status: 'ready'; value: T }
  | { status: 'failed'; refusal: Refusal }

export const idle = { status: 'idle' } as const
export const loading = { status: 'loading' } as const

export function ready<T>(value: T): Loadable<T> {
  return { status: 'ready', value }
}

export function failed<T>(error: unknown): Loadable<T> {
  return { status: 'failed', refusal: refusalOf(error) }
}

export function valueOf<T>(loadable: Loadable<T>): T | null {
  return loadable.status === 'ready' ? loadable.value : null
}

/** Fetches and tells each state as it comes. */
export async function load<T>(fetch: () => Promise<T>, tell: (state: Loadable<T>) => void): Promise<void> {
  tell(loading)
  try {
    tell(ready(await fetch()))
  } catch (error) {
    tell(failed(error))
  }
}
