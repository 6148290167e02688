import { statfs } from 'node:fs/promises'
import type { BackendInfo } from '../../core/project/project.ts'
import type { RunOptions } from '../../core/recipes/common.ts'
import type { RecipeId } from '../../core/recipes/index.ts'
import { openBackend as openEngineBackend } from '../backends/index.ts'
import { createTrainer } from '../recipes/index.ts'
import type { Trainer, TrainerContext } from '../recipes/trainer.ts'

/** What a run meets at its edges: the disk, the backend, the recipe's trainer. Tests put a full disk or a failing trainer here. */
export type Edges = {
  freeBytes(folder: string): Promise<number>
  openBackend(wanted: { kind?: BackendInfo['kind']; threads?: number }): Promise<BackendInfo>
  createTrainer(recipe: RecipeId, options: RunOptions, context: TrainerContext): Trainer
}

export const realEdges: Edges = {
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
  openBackend: ({ kind, threads }) =>
    openEngineBackend({ ...(threads && { threads }), ...(kind && { prefer: kind }) }),
  createTrainer,
}
