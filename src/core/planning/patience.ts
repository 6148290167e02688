import { refuse } from '../errors.ts'

/** When "tomorrow" or "tomorrow morning" is, where no time of day is said. */
const MORNING_HOUR = 8

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }
const DURATION = /^(?:(\d+(?:\.\d+)?)\s*(d|h|m|s)[a-z]*\.?\s*)(.*)$/
const TIME_OF_DAY =
  /^(?:at\s+|by\s+)?(today|tomorrow)?\s*(?:at\s+|by\s+)?(?:(\d{1,2})[:.](\d{2})|(morning))?$/

/** `1h30`, `90 min`, `2 hours`; a bare number, also after hours, is minutes. Undefined where it is no duration. */
function secondsOfDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 60
  const match = DURATION.exec(text)
  if (!match) return undefined
  const [, amount, unit = '', rest = ''] = match
  const first = Number(amount) * (unitSeconds[unit] ?? Number.NaN)
  if (rest.trim() === '') return first
  const more = secondsOfDuration(rest.trim())
  return more === undefined ? undefined : first + more
}

/** `tomorrow 8:00`, `17:30` (the next one), `today 17:30`. Undefined where it is no time of day. */
function momentOf(text: string, now: Date): Date | undefined {
  const match = TIME_OF_DAY.exec(text)
  if (!match || text === '') return undefined
  const [, day, hour, minute, morning] = match
  if (hour === undefined && day !== 'tomorrow') return undefined
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59) return undefined
  const at = new Date(now)
  if (hour === undefined || morning !== undefined) at.setHours(MORNING_HOUR, 0, 0, 0)
  else at.setHours(Number(hour), Number(minute), 0, 0)
  if (day === 'tomorrow' || (day === undefined && at <= now)) at.setDate(at.getDate() + 1)
  return at
}

/**
 * How long a person is ready to wait, in seconds: `2h`, `90` (minutes), `1h30`, `tomorrow 8:00`, `17:30`, `tomorrow`.
 * @param now in the person's own time zone
 * @throws Refused `option-invalid`
 */
export function parsePatience(words: string, now: Date): number {
  const text = words.trim().toLowerCase()
  const moment = momentOf(text, now)
  const seconds = moment ? (moment.getTime() - now.getTime()) / 1000 : secondsOfDuration(text)
  if (seconds !== undefined && seconds > 0 && Number.isFinite(seconds)) return seconds
  throw refuse(
    'option-invalid',
    `--patience cannot take "${words}".`,
    'Give a time to wait, such as 2h, 1h30 or 45 (minutes), or a moment to come, such as 17:30 or "tomorrow 8:00".',
  )
}
