import { engineContract, type Answer, type EngineRequestName } from '../../core/contract/index.ts'
import { refusalOf, refuse } from '../../core/errors.ts'
import { handlers } from './handlers/index.ts'
import type { HandlerContext } from './handlers/types.ts'
import { tellBug } from './jobs.ts'

export type EngineRole = (typeof engineContract)[EngineRequestName]['role']

function isKnown(name: string): name is EngineRequestName {
  return Object.hasOwn(engineContract, name)
}

function misunderstood(what: string): Error {
  return refuse(
    'request-malformed',
    `The engine received a request it does not understand: ${what}.`,
    'Restart Diptych. If it happens again, please report this message.',
  )
}

async function handle(
  role: EngineRole,
  name: string,
  request: unknown,
  context: HandlerContext,
): Promise<unknown> {
  if (!isKnown(name)) throw misunderstood(name)
  if (engineContract[name].role !== role) throw misunderstood(`${name} in the ${role} process`)
  const parsed = engineContract[name].request.safeParse(request)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw misunderstood(`${name}, ${issue?.path.join('.') || 'its shape'}: ${issue?.message ?? 'is wrong'}`)
  }
  // The table pairs each name with its own request; after parsing, the pair is known to be right.
  const handler = handlers[name] as (request: unknown, context: HandlerContext) => Promise<unknown>
  return handler(parsed.data, context)
}

/** Answers one request. Never rejects: whatever goes wrong is a refusal, and a bug is told on standard error too. */
export async function answerRequest(
  role: EngineRole,
  name: string,
  request: unknown,
  context: HandlerContext,
): Promise<Answer> {
  try {
    return { ok: true, reply: await handle(role, name, request, context) }
  } catch (error) {
    tellBug(error)
    return { ok: false, refusal: refusalOf(error) }
  }
}
