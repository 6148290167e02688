import type { BrowserWindow } from 'electron'
import type { WindowEvent, WindowRequest } from '../core/contract/index.ts'
import type { Supervisor } from './engine/supervisor.ts'
import type { RunningJobs } from './engine/running.ts'
import { showWindow } from './window.ts'

export type Closing = {
  /** Asks before this window closes while something runs. */
  guard(window: BrowserWindow): void
  answer(answer: WindowRequest<'app:answerClose'>['answer']): Promise<void>
  /** Closes without asking: whoever ends the process from outside wants it to end. Everything is left resumable. */
  leave(): void
  isLeaving(): boolean
  /** Something began or ended: a hidden window comes back once nothing runs any more. */
  jobsChanged(): void
}

type Parts = {
  running: RunningJobs
  compute: Supervisor
  tell(event: WindowEvent): void
  quit(): void
}

export function createClosing({ running, compute, tell, quit }: Parts): Closing {
  let window: BrowserWindow | null = null
  let leaving = false
  let hidden = false

  function leave(): void {
    leaving = true
    quit()
  }

  return {
    guard: (guarded) => {
      window = guarded
      guarded.on('show', () => {
        hidden = false
      })
      guarded.on('close', (event) => {
        // A page that has crashed can answer nothing.
        if (leaving || running.count() === 0 || guarded.webContents.isCrashed()) return
        event.preventDefault()
        tell({ kind: 'close-asked', running: running.count() })
        showWindow(guarded)
      })
    },
    answer: async (answer) => {
      if (answer === 'cancel') return
      if (answer === 'keep-running') {
        hidden = true
        window?.hide()
        return
      }
      if (answer === 'stop') await Promise.all(running.ids().map((job) => compute.ask('job:stop', { job })))
      // To pause is to leave: the engine saves a state of everything from which it goes on exactly.
      leave()
    },
    leave,
    isLeaving: () => leaving,
    jobsChanged: () => {
      if (hidden && running.count() === 0) window?.showInactive()
    },
  }
}
