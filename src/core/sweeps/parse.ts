import { z } from 'zod'
import { refuse, Refused } from '../errors.ts'
import { settingsOf } from './settings.ts'
import { contestantsOf } from './standing.ts'
import { sweepFile, type Sweep } from './sweep.ts'

const versioned = z.looseObject({ schema: z.number() })

export function damagedSweep(name: string, why: string): Refused {
  return refuse(
    'sweep-damaged',
    `${name} cannot be used: ${why}.`,
    'Move it out of the folder of sweeps, and start the sweep again. Its runs are not affected.',
  )
}

/** Why a file of the right shape cannot have been written by a sweep; undefined where it can. */
function contradictionIn(sweep: Sweep): string | undefined {
  const settings = settingsOf(sweep.request)
  if (JSON.stringify(settings) !== JSON.stringify(sweep.trials.map((trial) => trial.settings)))
    return 'its settings are not those that it asks for'
  const runs = sweep.trials.flatMap(({ run }) => run ?? [])
  if (new Set(runs).size !== runs.length) return 'two of its settings share a run'
  const contestants = contestantsOf(sweep)
  const wrong = sweep.trials.find(({ results }, index) =>
    results.some((_, rung) => !contestants[rung]?.includes(index)),
  )
  return wrong && 'it holds results of rounds that were not reached'
}

/**
 * A sweep as it lies on disk, which anybody may have written.
 * @param name of the file, for the refusal
 * @throws Refused `sweep-damaged`, `sweep-newer`
 */
export function parseSweep(json: unknown, name: string): Sweep {
  const { success, data } = versioned.safeParse(json)
  if (success && data.schema > 1)
    throw refuse(
      'sweep-newer',
      `${name} was written by a newer version of Diptych.`,
      'Update Diptych. Nothing was changed.',
    )
  const parsed = sweepFile.safeParse(json)
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.')
    throw damagedSweep(name, at ? `${at} is not what it should be` : 'it is not the file of a sweep')
  }
  const why = tellContradiction(parsed.data)
  if (why !== undefined) throw damagedSweep(name, why)
  return parsed.data
}

/** A request that would be refused when it is made contradicts itself, too. */
function tellContradiction(sweep: Sweep): string | undefined {
  try {
    return contradictionIn(sweep)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.refusal.message.replace(/\.$/, '')
  }
}
