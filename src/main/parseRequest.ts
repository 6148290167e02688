import { windowContract, type WindowRequestName } from '../core/contract/index.ts'
import { refuse } from '../core/errors.ts'

/** What the window may ask, parsed by the contract. @throws Refused `request-malformed` */
export function parseRequest(name: unknown, request: unknown): { name: WindowRequestName; request: unknown } {
  const known = typeof name === 'string' && isKnown(name) ? name : null
  const parsed = known ? windowContract[known].request.safeParse(request) : null
  if (known && parsed?.success) return { name: known, request: parsed.data }
  const issue = parsed?.error?.issues[0]
  const what = issue
    ? `${known}, ${issue.path.join('.') || 'its shape'}: ${issue.message}`
    : 'its name is unknown'
  throw refuse(
    'request-malformed',
    `The window asked for something that cannot be understood (${what}).`,
    'Restart Diptych. If it happens again, please report this message.',
  )
}

function isKnown(name: string): name is WindowRequestName {
  return Object.hasOwn(windowContract, name)
}
