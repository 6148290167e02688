const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })

/** `20,000` */
export function formatCount(count: number): string {
  return whole.format(count)
}

/** `1 pair`, `71 pairs` */
export function formatAmount(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`
}

/** Time left as a person says it: `38 min left`, `2 h 5 min left`, `less than a minute left`. */
export function formatTimeLeft(seconds: number | null): string {
  if (seconds === null) return 'working out the time left'
  return `${formatDuration(seconds)} left`
}

/** `less than a minute`, `38 min`, `2 h 5 min`, `3 d 4 h` */
export function formatDuration(seconds: number): string {
  if (seconds < 45) return 'less than a minute'
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`
}

/** How long a step takes: `0.38 s`, `12 s`. */
export function formatStep(stepMs: number): string {
  return `${String(Number((stepMs / 1000).toPrecision(2)))} s`
}

/** `690 MB`, `2.4 GB` in decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let amount = bytes
  let unit = 0
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000
    unit += 1
  }
  return `${amount >= 10 || unit === 0 ? amount.toFixed(0) : amount.toFixed(1)} ${units[unit] ?? ''}`
}

/** `4,096 x 2,048 px` */
export function formatSize(widthPx: number, heightPx: number): string {
  return `${formatCount(widthPx)} × ${formatCount(heightPx)} px`
}

/** A loss or a score with three significant places that do not dance: `0.0724`, `1.31`, `23.4`. */
export function formatScore(value: number): string {
  if (!Number.isFinite(value)) return 'not a number'
  const size = Math.abs(value)
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  if (size >= 1) return value.toFixed(2)
  if (size >= 0.001 || size === 0) return value.toFixed(4)
  return value.toExponential(1)
}

/** A setting's value: `0.0002`, `286`, never `2.0000000000000001e-4`. */
export function formatSetting(value: unknown): string {
  if (typeof value === 'number')
    return Math.abs(value) >= 1000 ? formatCount(value) : String(Number(value.toPrecision(6)))
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (value === null || value === undefined) return 'decided for you'
  return String(value)
}

/** `22 Nov, 21:40` */
export function formatMoment(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(date)
}

/** What to do, for people who see no command line: `Choose one (--label).` becomes `Choose one.` */
export function withoutFlags(words: string): string {
  return words.replace(/ \(--[a-z][^()]*\)/g, '')
}
