import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Refused, refuse } from '../../core/errors.ts'
import { fromProbe, type ProbeRequest, type ProbeResult } from './probeMessages.ts'

const script = fileURLToPath(new URL('./probe.ts', import.meta.url))
/** The last lines of what it complained about are enough to name a cause. */
const MOST_COMPLAINT = 2000

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('Aborted.', 'AbortError')
}

/** A process that ends without a word was ended by the system, most likely for the memory that it took. */
function diedQuietly(code: number | null, complaint: string): Error {
  return code === null || code === 137 || code === 134
    ? refuse(
        'plan-memory',
        'The system ended the step that was tried, most likely because it needs more memory than there is.',
        'Close other programs, or try smaller squares or narrower networks.',
      )
    : new Error(`The process that measures ended with code ${code}. ${complaint}`)
}

function listen(child: ChildProcess, tell: () => void): Promise<ProbeResult> {
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-MOST_COMPLAINT)
  })
  return new Promise((resolve, reject) => {
    child.on('message', (raw) => {
      const message = fromProbe.parse(raw)
      if (message.kind === 'part') tell()
      else if (message.kind === 'result') resolve(message.result)
      else reject(new Refused(message.refusal))
    })
    child.on('error', reject)
    child.on('close', (code) => reject(diedQuietly(code, complaint)))
  })
}

/**
 * Measures in a process of its own, which has ended when this returns.
 * @param tell is called PROBE_PARTS times
 * @throws Refused `plan-memory`, and what making a trainer or reading pictures refuses; AbortError
 */
export async function startProbe(
  request: ProbeRequest,
  signal: AbortSignal,
  tell: () => void,
): Promise<ProbeResult> {
  signal.throwIfAborted()
  const child = fork(script, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill, { once: true })
  const closed = new Promise((resolve) => child.once('close', resolve))
  try {
    child.send(request)
    return await listen(child, tell)
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error
  } finally {
    signal.removeEventListener('abort', kill)
    kill()
    await closed
  }
}
