import type { EngineStatus } from '../../../core/contract/windowRequests.ts'
import type { BackendInfo } from '../../../core/project/project.ts'

export type DeviceWords = { short: string; long: string; tone: 'quiet' | 'fast' | 'warning' }

function isGraphicsCard(backend: BackendInfo): boolean {
  return backend.kind === 'tensorflow' && /gpu|cuda|nvidia|geforce|rtx|metal/i.test(backend.device)
}

/** What computes, in plain words. A stand-in is never hidden. */
export function deviceWords(engine: EngineStatus | null, backend: BackendInfo | null): DeviceWords {
  if (engine && ['crashed', 'gave-up', 'stopped'].includes(engine.state))
    return { short: 'Engine stopped', long: `${engine.message} ${engine.remedy}`.trim(), tone: 'warning' }
  if (engine?.state === 'restarting')
    return {
      short: 'Engine restarting',
      long: engine.message || 'The engine is starting again.',
      tone: 'quiet',
    }
  if (!backend)
    return {
      short: 'Engine starting',
      long: 'The engine is starting. This takes a few seconds.',
      tone: 'quiet',
    }
  if (backend.fellBackBecause !== null)
    return {
      short: 'Slow stand-in',
      long: `The fast engine could not be used: ${backend.fellBackBecause} Work goes on, but far more slowly.`,
      tone: 'warning',
    }
  if (isGraphicsCard(backend))
    return { short: 'GPU', long: 'Training and translating run on the graphics card.', tone: 'fast' }
  return {
    short: 'CPU',
    long: 'Training runs on the processor and will be slow: minutes for the sample, hours for large data sets. Translating works well.',
    tone: 'quiet',
  }
}
