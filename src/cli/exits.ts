/** Exit codes of every command. */
export const EXIT_DONE = 0
export const EXIT_FAILED = 1
export const EXIT_WRONG_USAGE = 2
export const EXIT_INTERRUPTED = 130

/** Refusals that mean "you typed something else than you meant", as opposed to "it did not work". */
const usageCodes = new Set([
  'option-unknown',
  'option-invalid',
  'usage',
  'not-a-project',
  'preset-unknown',
  'recipe-unknown',
  'sample-unknown',
  'run-unknown',
  'sweep-unknown',
  'crop-size',
  'scale-unfit',
  'recipe-unfit',
  'derivation-none',
  'output-is-input',
])

export function exitCodeOf(code: string): number {
  if (code === 'stopped-early') return EXIT_INTERRUPTED
  return usageCodes.has(code) ? EXIT_WRONG_USAGE : EXIT_FAILED
}
