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

/** Ops of ours that compute in 16 bits where their neighbours do, and those that do whenever the others may. */
const IN_16_BITS_WITH_OTHERS = [
  'DiptychNorm',
  'DiptychNormAdd',
  'DiptychNormGrad',
  'DiptychMirrorPad',
  'DiptychMirrorPadGrad',
  'DiptychFrame',
  'DiptychActivate',
  'DiptychSum',
]
const IN_16_BITS = ['DiptychThinConv', 'DiptychThinConvTransposed']

async function open({
  threads = availableParallelism(),
  prefer = 'tensorflow',
}: BackendRequest): Promise<BackendInfo> {
  if (prefer === 'cpu') return openFallback()
  process.env.TF_NUM_INTRAOP_THREADS = String(threads)
  process.env.TF_NUM_INTEROP_THREADS = '1'
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  process.env.TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_INFERLIST_ADD = IN_16_BITS_WITH_OTHERS.join(',')
  process.env.TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_ALLOWLIST_ADD = IN_16_BITS.join(',')
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
    ...LEARNS_IN,
    threads,
    fellBackBecause: null,
  }
}

/**
 * Why a run computes in float32 unless bfloat16 is asked for: `bench/precision.ts` found pictures 5% further from the true ones
 * (docs/results.md). Translating in bfloat16 changes them by less than a tenth of a level of 255.
 */
const LEARNS_IN = {
  precision: 'float32',
  precisionBecause: 'models that learn in bfloat16 were measured to be worse',
} as const

/** Where a step can be recorded for it, and the processor or the graphics card has it. */
export function canCompute(precision: Precision): boolean {
  if (precision === 'float32') return true
  if (!canRecord()) return false
  const isOnCard = binding().isUsingGpuDevice()
  return precision === 'float16' ? isOnCard : !isOnCard && bfloat16Unit() !== null
}

/**
 * What is computed in. `auto` is what the machine is quickest in, as far as that was measured to cost nothing.
 * @throws Refused `precision-unfit` where what is asked for is not to be had
 */
export function precisionFor(choice: PrecisionChoice, work: 'learning' | 'translating'): Precision {
  if (choice === 'float32') return choice
  if (choice === 'auto')
    return work === 'translating' && canCompute('bfloat16') ? 'bfloat16' : LEARNS_IN.precision
  if (canCompute(choice)) return choice
  throw refuse(
    'precision-unfit',
    `This machine does not compute in ${choice}.`,
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
