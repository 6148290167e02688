import { realEdges, type Edges } from '../../../../src/engine/training/edges.ts'
import { startRun } from '../../../../src/engine/training/run.ts'
import type { TrainingEvent } from '../../../../src/engine/training/session.ts'
import type { Trainer } from '../../../../src/engine/recipes/trainer.ts'
import { settings } from './tinyProject.ts'

export const backend = await realEdges.openBackend({ kind: 'tensorflow', threads: 2 })

/** Follows a run to its end, telling each event to `onEvent` as it happens. */
export async function follow(
  events: AsyncGenerator<TrainingEvent>,
  onEvent: (event: TrainingEvent) => void = () => undefined,
): Promise<TrainingEvent[]> {
  const all: TrainingEvent[] = []
  for await (const event of events) {
    all.push(event)
    onEvent(event)
  }
  return all
}

export function start(
  projectFolder: string,
  changes: Record<string, unknown> = {},
  edges: Partial<Edges> = {},
  signal?: AbortSignal,
) {
  const all = { ...realEdges, ...edges }
  return startRun({ projectFolder, training: settings(changes), backend }, signal, undefined, all)
}

export function ofType<Type extends TrainingEvent['type']>(events: readonly TrainingEvent[], type: Type) {
  return events.filter((event): event is Extract<TrainingEvent, { type: Type }> => event.type === type)
}

/** Real trainers whose losses become NaN when `isBroken` says so. */
export function breakingTrainers(isBroken: (step: number, learningRate: number) => boolean): Partial<Edges> {
  return {
    createTrainer(recipe, options, context): Trainer {
      const trainer = realEdges.createTrainer(recipe, options, context)
      return {
        ...trainer,
        async train(batch) {
          const losses = await trainer.train(batch)
          return isBroken(batch.step, batch.learningRate) ? { ...losses, G_L1: NaN } : losses
        },
      }
    },
  }
}
