import type { Precision } from '../../core/training/precision.ts'
import { isNative, nativeBackend } from './binding.ts'
import type { Binding } from './binding.ts'
import { configFor } from './graph/config.ts'
import { record } from './graph/recorder.ts'
import { holdHalves } from './halves.ts'
import { recordingIn } from './precision.ts'
import { tf } from './tf.ts'
import type { Tensor, TensorContainer } from './tf.ts'

/** Tensors that a computation is a function of, in any order and nesting. */
export type Feeds = Tensor | readonly Feeds[] | { readonly [name: string]: Feeds | undefined }

/** What is computed again and again from other values. */
export type Recorded<F extends Feeds> = {
  /**
   * Computes from what `feed` makes, which is freed afterwards. The results are the caller's.
   * @param variant tells apart computations that differ in more than their feeds' shapes
   */
  call(feed: () => F, variant?: string): Promise<Record<string, Tensor>>
  /** Frees the recordings. */
  dispose(): void
}

/** A folder of pictures of all shapes must not fill the memory with functions: beyond so many the longest unused one goes. */
const MOST_FUNCTIONS = 16

let isRecording = true

/** Whether computations are recorded and run as one function, as they are unless told otherwise, or op by op. */
export function setRecording(wanted: boolean): void {
  isRecording = wanted
}

/** Whether they are recorded from now on: where the addon has the calls for it. */
export function canRecord(): boolean {
  return isRecording && isNative('variables') && typeof nativeBackend().binding.callFunction === 'function'
}

/**
 * Makes `compute`, a pure function of fed tensors and of variables, one TensorFlow function for each shape of its feeds: it
 * is recorded when it is first called, and from then on runs without JavaScript. Where that cannot be, and where recording
 * was switched off, it runs op by op, with the same numbers in float32.
 */
export function createRecorded<F extends Feeds>(
  compute: (feeds: F, variant: string) => Record<string, Tensor>,
  precision: Precision = 'float32',
): Recorded<F> {
  const functions = new Map<string, RecordedFunction>()
  return {
    async call(feed, variant = '') {
      const feeds = tf.tidy(() => feed() as unknown as TensorContainer) as unknown as F
      const all = flatten(feeds)
      try {
        if (!canRecord()) return tf.tidy(() => compute(feeds, variant))
        const tensors = withoutRepeats(all)
        const key = [variant, ...tensors.map(({ dtype, shape }) => `${dtype}[${String(shape)}]`)].join(' ')
        const found =
          functions.get(key) ??
          recordFunction(tensors, () => recordingIn(precision, () => compute(feeds, variant)))
        keepNewest(functions, key, found)
        return await found.call(tensors, precision)
      } finally {
        tf.dispose(all)
      }
    },
    dispose() {
      for (const one of functions.values()) one.dispose()
      functions.clear()
    },
  }
}

/**
 * Tensors that computations share: they are handed to TensorFlow now and enter recordings as inputs. One that is handed over
 * within a recording becomes a constant of it.
 * @param precision what the computations will be recorded for
 * @returns what frees that which is held besides
 */
export function share(tensors: readonly Tensor[], precision: Precision): () => void {
  if (!canRecord()) return () => undefined
  nativeBackend().getInputTensorIds([...tensors])
  return precision === 'bfloat16' ? holdHalves(tensors) : () => undefined
}

/**
 * Within a computation: what is computed from fed tensors from here on begins when these are there. TensorFlow would otherwise start
 * with everything at once, and hold it all in memory. Op by op this is so anyway.
 */
export function inTurn(tensors: readonly Tensor[]): void {
  if (!isNative('variables')) return
  const backend = nativeBackend()
  backend.binding.waitFor?.(backend.getInputTensorIds([...tensors]))
}

type RecordedFunction = {
  call(tensors: readonly Tensor[], precision: Precision): Promise<Record<string, Tensor>>
  dispose(): void
}

/** A map keeps the order in which its keys came: the first is the one that was not used for the longest time. */
function keepNewest(functions: Map<string, RecordedFunction>, key: string, used: RecordedFunction): void {
  functions.delete(key)
  functions.set(key, used)
  const [oldest] = functions.keys()
  if (functions.size <= MOST_FUNCTIONS || oldest === undefined) return
  functions.get(oldest)?.dispose()
  functions.delete(oldest)
}

let functionsMade = 0

function recordFunction(fed: readonly Tensor[], compute: () => Record<string, Tensor>): RecordedFunction {
  const backend = nativeBackend()
  const real = backend.binding
  const names: string[] = []
  const recording = record(real, backend.getInputTensorIds([...fed]), (stand) => {
    const results = withBinding(stand, () => tf.tidy(compute))
    names.push(...Object.keys(results))
    const ids = withBinding(stand, () => backend.getInputTensorIds(Object.values(results)))
    tf.dispose(results)
    return ids
  })
  functionsMade += 1
  const name = `diptych_${functionsMade}`
  const { graph, inputs, outputs, controls, captured, origins, isLearning } = recording
  const explained = <T>(error: unknown): T => {
    throw explain(error, origins)
  }
  try {
    real.addFunction(name, graph, inputs, outputs, controls)
  } catch (error) {
    explained(error)
  }
  // A function that is running stays until it has ended.
  let [running, isUnwanted] = [0, false]
  const removeIfUnused = () => {
    if (isUnwanted && running === 0) real.removeFunction(name)
  }
  return {
    async call(tensors, precision) {
      const ids = [...backend.getInputTensorIds([...tensors]), ...captured]
      running += 1
      const made = await real
        .callFunction(name, ids, configFor(precision, isLearning), names.length)
        .catch((error: unknown) => explained<[]>(error))
        .finally(() => {
          running -= 1
          removeIfUnused()
        })
      return Object.fromEntries(made.map((one, index) => [names[index], backend.createOutputTensor(one)]))
    },
    dispose() {
      isUnwanted = true
      removeIfUnused()
    },
  }
}

/** Runs what calls TensorFlow's ops on another binding than the addon. */
function withBinding<T>(stand: Binding, run: () => T): T {
  const backend = nativeBackend()
  const real = backend.binding
  backend.binding = stand
  try {
    return run()
  } finally {
    backend.binding = real
  }
}

/** TensorFlow names nodes; we name the lines that they come from. */
function explain(error: unknown, origins: ReadonlyMap<string, string>): Error {
  const message = error instanceof Error ? error.message : String(error)
  const places = [...new Set(message.match(/\b[A-Za-z0-9]+_\d+\b/g))].flatMap((node) => {
    const origin = origins.get(node)
    return origin ? [`${node} comes from ${origin}`] : []
  })
  return new Error(`TensorFlow could not run a recorded step: ${[message, ...places].join('\n')}`, {
    cause: error,
  })
}

/** Each value once, whatever stands for it: what is fed twice is one input. */
function withoutRepeats(tensors: readonly Tensor[]): Tensor[] {
  return [...new Map(tensors.map((tensor) => [tensor.dataId, tensor])).values()]
}

function flatten(feeds: Feeds | undefined): Tensor[] {
  if (feeds === undefined) return []
  if (feeds instanceof tf.Tensor) return [feeds]
  return Object.values(feeds).flatMap(flatten)
}
