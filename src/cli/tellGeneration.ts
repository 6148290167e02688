import { figureInWords } from '../core/evaluation/figureInWords.ts'
import { metrics } from '../core/evaluation/metrics.ts'
import { worthInWords, type SetFigures } from '../core/generation/figures.ts'
import { countInWords, timeLeftInWords } from '../core/words.ts'
import type { GenerationEvent } from '../engine/generation/generateSet.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './exits.ts'
import type { Output } from './output.ts'

const parts = {
  looks: 'looks',
  neighbours: 'nearest training pictures',
  worth: 'worth for training',
} as const

function figuresInWords({ scores, nearest, worth, worthNote }: SetFigures): string {
  const looks = scores.flatMap(({ metric, value, low, high }) => {
    if (value === null) return []
    return `${metrics[metric].term} ${figureInWords(metric, { value, low, high })}`
  })
  const closest = nearest.closest[0]
  return [
    looks.join('; '),
    closest
      ? `Closest to a training picture: ${closest.file}, ${closest.difference.toFixed(4)} from ${closest.real}`
      : '',
    worth ? worthInWords(worth) : `The worth for training is not told: ${worthNote ?? ''}`,
  ]
    .filter(Boolean)
    .join('\n')
}

function startInWords({
  total,
  already,
  output,
  backend,
}: Extract<GenerationEvent, { type: 'generation-started' }>) {
  const there = already > 0 ? `, ${already} of them there already` : ''
  return `${countInWords(total, 'picture')} to make into ${output.path}${there} (${backend})`
}

/** Tells an event of the making of a set. @returns the exit code where it is the last */
export function tellGeneration(output: Output, event: GenerationEvent): number | undefined {
  switch (event.type) {
    case 'generation-started':
      output.event(event, startInWords(event))
      return undefined
    case 'generated':
      output.event(event, undefined)
      output.progress(`picture ${event.index + 1} of ${event.total}  ${timeLeftInWords(event.secondsLeft)}`)
      return undefined
    case 'generation-trial':
      output.event(event, undefined)
      output.progress(
        `learning which verdicts are the lowest: trial picture ${event.done} of ${event.total}  ${timeLeftInWords(event.secondsLeft)}`,
      )
      return undefined
    case 'figures-progress': {
      const { part, done, total, secondsLeft } = event
      output.event(event, undefined)
      output.progress(`${parts[part]}: ${done} of ${total}  ${timeLeftInWords(secondsLeft)}`)
      return undefined
    }
    case 'figures':
      output.event(event, figuresInWords(event.figures))
      return undefined
    case 'figures-skipped':
      output.event(
        event,
        `No figures: ${event.reason} Make the set again into another folder and name real pictures (--real) to have them.`,
      )
      return undefined
    case 'generation-failed':
      output.refusal(event.refusal)
      return EXIT_FAILED
    case 'generation-done': {
      const { made, leftOut, cancelled } = event
      const doubted = leftOut.doubted > 0 ? `, ${leftOut.doubted} by the judge's verdict` : ''
      const left = `${leftOut.alike} left out as too alike, ${leftOut.known} as too close to a real one${doubted}`
      output.event(
        { ...event, type: 'done' },
        `${countInWords(made, 'picture')} in ${event.output.path}; ${left}.`,
      )
      return cancelled ? EXIT_INTERRUPTED : EXIT_DONE
    }
  }
}
