/** Lines of Diptych that only pass ops on: whoever called them is meant. */
const passing = /\/src\/engine\/(backends|kernels|nn|optimizers)\//

/** Frames to look through: between an op and who asked for it lie those of tfjs. */
const FRAMES = 60

/** The line that asked for the op that is being recorded. */
export function originHere(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  const { stack } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return originOf(stack)
}

/** The innermost line of a recipe, network, loss or metric, otherwise the innermost of ours. */
export function originOf(stack: string | undefined): string {
  const own = (stack ?? '').split('\n').flatMap((line) => {
    const [, place = ''] =
      /(?:\(|at |file:\/\/)([^()\s]*\/src\/engine\/[^()\s]*?:\d+)(?::\d+)?\)?$/.exec(line) ?? []
    return place ? [place] : []
  })
  const place = own.find((one) => !passing.test(one)) ?? own.find((one) => !one.includes('/backends/')) ?? ''
  return place.slice(place.indexOf('src/engine/'))
}
