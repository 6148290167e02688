import { createStore } from 'zustand/vanilla'
import { refusalOf } from '../../core/errors.ts'

/** What the person should know, with what to do about it; it stays until it is put away. */
export type Notice = { id: number; tone: 'danger' | 'positive'; message: string; remedy: string }

export const noticesStore = createStore<{ notices: readonly Notice[] }>(() => ({ notices: [] }))

let nextId = 1

export function notify(tone: Notice['tone'], message: string, remedy = ''): void {
  noticesStore.setState(({ notices }) => {
    const others = notices.filter((notice) => notice.message !== message)
    nextId += 1
    return { notices: [...others.slice(-2), { id: nextId, tone, message, remedy }] }
  })
}

export function notifyRefusal(error: unknown): void {
  const refusal = refusalOf(error)
  notify('danger', refusal.message, refusal.remedy)
}

export function dismissNotice(id: number): void {
  noticesStore.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }))
}

/** Runs what a button asks for; a refusal is shown, never lost. */
export async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    notifyRefusal(error)
  }
}
