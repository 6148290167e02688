import type { Part } from '../../core/training/schedule.ts'
import type { Precision } from '../../core/training/precision.ts'
import type { ModelHeader } from '../../core/models/modelHeader.ts'
import type { OptionsOf, RecipeId } from '../../core/recipes/index.ts'
import type { GanLoss } from '../losses/gan.ts'
import type { Network, NormMode } from '../nn/network.ts'

/**
 * Pictures as the engine passes them around outside the tensor library: [N,H,W,C], row by row, values in [-1,1].
 * Plain memory on purpose: whoever decodes or writes pictures needs no tensor library, and nobody has to free them.
 */
export type Pictures = { shape: readonly [number, number, number, number]; data: Float32Array }

/** All that a step may depend on besides the trainer's state: the same values give the same weights, bit for bit. */
export type TrainBatch = {
  /** 1-based, counted over the whole run: Adam's bias correction depends on it. */
  step: number
  learningRate: number
  /** The run's seed; together with `step` it decides dropout. */
  seed: number
  /**
   * Always the input and always the target: whoever reads the data set swaps A and B for direction BtoA. Where nothing is
   * paired they are drawn independently.
   */
  realA: Pictures
  realB: Pictures
  /** The class of each picture, as a number from 0; left out or empty where there are none. */
  labels?: readonly number[]
}

/** What is shown of held-out pictures. `row`: which of them, from 0: what is drawn for it stays the same through a run. */
export type Shown = Pick<TrainBatch, 'realA' | 'realB' | 'labels'> & { row?: number }

/**
 * One tensor of a trainer's state, read only when it is asked for, so that 650 MB need not be in memory twice.
 * `data()` is a fresh copy when it comes from `state()`.
 */
export type NamedTensor = { name: string; shape: readonly number[]; data(): Float32Array }

/**
 * What a model file is made of. `prefix`: what its tensors are called in the state, `netG/`. `task`: what it is for; translating unless
 * told. `compose`: how its output becomes a picture.
 */
export type MadeModel = {
  network: Network
  tensors: NamedTensor[]
  prefix: string
  task?: ModelHeader['task']
  condition?: ModelHeader['condition']
  compose?: ModelHeader['compose']
}

/** What a judge is told besides the picture: what that was made of, and its class as a number from 0. */
export type Beside = { given?: Pictures; label?: number }

/** A judge as anybody may ask it, while it is what the trainer's state says. Nothing moves by asking. */
export type SeatedJudge = {
  /** As the field names it: `D`; `D_A` and `D_B` where there are two. */
  id: string
  ganLoss: GanLoss
  /** Which picture of a row is one of those that it takes for real. */
  real: 'realA' | 'realB'
  /** What it must be told besides the picture. */
  told: { given: boolean; label: boolean }
  /** Its logits on one picture [1,H,W,C]: [1,h,w,1], one a patch, or one for the whole picture. */
  judge(shown: Pictures, beside: Beside, norm: NormMode): Promise<Pictures>
  /** Of a row, what the generator that it was set against makes. */
  make(inputs: Shown, norm: NormMode): Promise<Pictures>
}

/** What a training loop needs of a recipe; it knows neither networks nor losses. */
export type Trainer = {
  /** Of a run whose learning rate and Adam begin anew on the way: from where on, in order. */
  parts?: readonly Part[]
  /** Runs one step and returns its losses under the names that the recipe declares. Infinite or NaN losses are returned, not thrown. */
  train(batch: TrainBatch): Promise<Record<string, number>>
  /** The pictures that the recipe declares, for the hold-out gallery. No dropout. Leaves the state untouched. */
  visuals(inputs: Shown, norm: NormMode): Promise<Record<string, Pictures>>
  /** Everything that has to be saved, in a fixed order, under unique names: `netG/down1.weight`, `netG.adam.m/down1.weight`. */
  state(): NamedTensor[]
  /**
   * Puts back a state that `state()` gave. Must be the whole of it.
   * @throws Refused `checkpoint-mismatch` when a tensor is missing, unknown or of another shape; nothing is changed then.
   */
  loadState(saved: readonly NamedTensor[]): void
  /** The network that a model file is made of, with its parameters and statistics under their bare names: `down1.weight`. */
  generator(): MadeModel
  /** The same of the other direction, for recipes that learn both. `prefix`: what its tensors are called in the state. */
  reverse?(): MadeModel
  /** By network (`netG`, `netD_A`), the length of all its gradients together, as Adam's running mean of them has it (Euclidean norm). */
  gradientLengths(): Promise<Record<string, number>>
  /** Who judges, for recipes that have judges; the one first that looks at what the model makes. */
  judges?: readonly SeatedJudge[]
  /** Frees everything. The trainer is of no use afterwards. */
  dispose(): void
}

/**
 * What the data and the machine, not the options, decide. `scale`: side of `realB` by side of `realA`; 1 unless A was made
 * smaller. `precision`: float32 unless told.
 */
export type TrainerContext = {
  inputChannels: number
  outputChannels: number
  scale: number
  /** Names of the classes that labels count, where there are any. */
  classes?: readonly string[]
  precision?: Precision
}

/** One factory a recipe: a recipe without a trainer does not compile. */
export type TrainerFactories = {
  [Id in RecipeId]: (options: OptionsOf<Id>, context: TrainerContext) => Trainer
}
