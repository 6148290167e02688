import { refuse } from '../../core/errors.ts'
import { createModel, type OpenModel } from '../inference/model.ts'
import { isIntact, listCheckpoints, useGenerator, type SavedCheckpoint } from '../training/checkpoint.ts'
import { chooseState } from '../training/exportModel.ts'
import { runFolder } from '../storage/runs.ts'

/** Which saved states: all of them, the best or the newest one, or these steps. */
export type StateChoice = 'all' | 'best' | 'last' | readonly number[]

/**
 * The saved states of a run that were asked for, oldest first.
 * @throws Refused `checkpoint-missing`
 */
export async function findStates(
  projectFolder: string,
  run: string,
  steps: StateChoice,
): Promise<SavedCheckpoint[]> {
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  if (steps === 'all') return saved.length > 0 ? saved : [chooseState(saved, 'last', run)]
  const wanted = typeof steps === 'string' ? [steps] : [...new Set(steps)].sort((x, y) => x - y)
  return wanted.map((step) => chooseState(saved, step, run))
}

/** Whether a state on disk is still the one that was read: a run may have gone back and come here again. */
export async function isUnchanged(
  projectFolder: string,
  run: string,
  state: SavedCheckpoint,
): Promise<boolean> {
  const { saved } = await listCheckpoints(runFolder(projectFolder, run))
  const now = saved.find(({ manifest }) => manifest.step === state.manifest.step)
  return JSON.stringify(now?.manifest.files) === JSON.stringify(state.manifest.files)
}

/**
 * The generator of a saved state, whole or thinned, as it translates. The caller disposes it.
 * @throws Refused `checkpoint-damaged`, `model-damaged`
 */
export async function openState(state: SavedCheckpoint, run: string): Promise<OpenModel> {
  const { header, step } = state.manifest
  if (!(await isIntact(state)))
    throw refuse(
      'checkpoint-damaged',
      `The state saved at step ${step} of ${run} is damaged.`,
      'Choose another step, or resume the run.',
    )
  let model: OpenModel | undefined
  await useGenerator(state, async (tensors) => {
    // Read when its turn comes: two copies of a large network need not be in memory.
    const lazy = tensors.map(
      ({ name, shape, data }) =>
        [
          name,
          {
            shape,
            get data() {
              return data()
            },
          },
        ] as const,
    )
    model = createModel(header, new Map(lazy), `The state saved at step ${step}`)
  })
  if (!model) throw new Error('A saved state was not handed out.')
  return model
}
