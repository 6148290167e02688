import { availableParallelism } from 'node:os'
import { refuse } from '../../core/errors.ts'
import type { BackendInfo } from '../../core/project/project.ts'
import type { Precision, PrecisionChoice } from '../../core/training/precision.ts'
import { binding } from './binding.ts'
import { deviceName } from './device.ts'
import { bfloat16Unit } from './hardware.ts'
import { canRecord } from './recorded.ts'
import { loadTensorFlow, tf } from './tf.ts'

export type { BackendInfo }

export type BackendRequest = {
  /** Threads for one operation and for independent operations. Default: one a core. */
  threads?: number
  prefer?: BackendInfo['kind']
}

let opened: Promise<BackendInfo> | undefined

/**
 * Opens what computes, once a process: later calls return what is open. Threads are pinned before TensorFlow loads, so
 * that a run gives the same bits on the same machine every time. Where TensorFlow cannot be loaded the answer is the
 * slow JavaScript backend, and `fellBackBecause` says why.
 */
export function openBackend(request: BackendRequest = {}): Promise<BackendInfo> {
  opened ??= open(request)
  return opened
}

async function open({
  threads = availableParallelism(),
  prefer = 'tensorflow',
}: BackendRequest): Promise<BackendInfo> {
  if (prefer === 'cpu') return openFallback()
  process.env.TF_NUM_INTRAOP_THREADS = String(threads)
  process.env.TF_NUM_INTEROP_THREADS = '1'
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  try {
    loadTensorFlow()
  } catch (error) {
    return openFallback(firstLineOf(error))
  }
  await tf.ready()
  const version = binding().TF_Version
  return {
    kind: 'tensorflow',
    version,
    device: deviceName(),
    ...choosePrecision(),
    threads,
    fellBackBecause: null,
  }
}

/** bfloat16 where a step can be recorded for it, and the processor has it. */
function choosePrecision(): Pick<BackendInfo, 'precision' | 'precisionBecause'> {
  const whole = (why: string) => ({ precision: 'float32', precisionBecause: why }) as const
  if (!canRecord()) return whole('the TensorFlow binding was built without recorded steps')
  if (binding().isUsingGpuDevice()) return whole('16 bits were not verified on a graphics card yet')
  const unit = bfloat16Unit()
  if (unit === null) return whole('this processor does not compute in bfloat16')
  return { precision: 'bfloat16', precisionBecause: `this processor computes in it (${unit})` }
}

/**
 * What a run computes in: `auto` is what the machine is quickest in.
 * @throws Refused `precision-unfit` where bfloat16 is asked for and not to be had
 */
export function precisionFor(choice: PrecisionChoice, { precision }: BackendInfo): Precision {
  if (choice === 'auto') return precision
  if (choice === 'float32' || precision === 'bfloat16') return choice
  throw refuse(
    'precision-unfit',
    'This machine does not compute in bfloat16.',
    'Set the precision (--precision) to auto or float32.',
  )
}

async function openFallback(fellBackBecause: string | null = null): Promise<BackendInfo> {
  await tf.setBackend('cpu')
  await tf.ready()
  return {
    kind: 'cpu',
    version: tf.version_core,
    device: 'CPU',
    precision: 'float32',
    precisionBecause: 'plain JavaScript knows no other',
    threads: 1,
    fellBackBecause,
  }
}

/** The loader's first line names the cause; what follows is advice for other set-ups than ours. */
function firstLineOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line.trim()
}
