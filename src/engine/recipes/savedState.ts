import { refuse } from '../../core/errors.ts'
import { tf } from '../backends/tf.ts'
import type { Variable } from '../backends/variables.ts'
import { isOfLossScaling } from '../optimizers/lossScaling.ts'
import type { NamedTensor } from './trainer.ts'

export function namedTensor(name: string, variable: Variable): NamedTensor {
  return { name, shape: variable.shape, data: () => variable.toArray() }
}

/** Puts saved values into variables: all of them, or none when anything does not fit. */
export function restore(variables: ReadonlyMap<string, Variable>, saved: readonly NamedTensor[]): void {
  const wanted = saved.filter(({ name }) => variables.has(name) || !isOfLossScaling(name))
  const byName = new Map(wanted.map((tensor) => [tensor.name, tensor]))
  const problems = [
    ...[...variables.keys()].filter((name) => !byName.has(name)).map((name) => `${name} is missing`),
    ...wanted.filter(({ name }) => !variables.has(name)).map(({ name }) => `${name} is unknown`),
    ...wanted
      .filter(({ name, shape }) => isOtherShape(variables.get(name)?.shape, shape))
      .map(({ name }) => `${name} has another shape`),
  ]
  if (problems.length > 0)
    throw refuse(
      'checkpoint-mismatch',
      `The saved state does not belong to this run: ${problems[0] ?? ''}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}.`,
      'Resume with the settings that the run was started with, or start a new run.',
    )
  for (const [name, variable] of variables)
    tf.tidy(() => {
      variable.assign(tf.tensor(byName.get(name)?.data() ?? [], [...variable.shape], 'float32'))
    })
}

function isOtherShape(expected: readonly number[] | undefined, found: readonly number[]): boolean {
  return (
    expected !== undefined &&
    (expected.length !== found.length || expected.some((side, axis) => side !== found[axis]))
  )
}
