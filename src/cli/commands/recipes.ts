import type { Command } from 'commander'
import { datasetKinds } from '../../core/datasets/index.ts'
import { describeOptions } from '../../core/options/describe.ts'
import { recipeIds, recipes } from '../../core/recipes/index.ts'
import { EXIT_DONE } from '../exits.ts'
import { runCommand } from '../run.ts'

export function addRecipes(program: Command): void {
  program
    .command('recipes')
    .description('List the recipes: what each learns, and from which pictures.')
    .option('--json', 'one line of JSON for each, with its options, losses and pictures')
    .addHelpText('after', '\nExample:\n  diptych recipes')
    .action((flags: { json?: boolean }) =>
      runCommand(flags.json ?? false, ({ output }) => {
        for (const id of recipeIds) {
          const { label, summary, datasets, options, losses, visuals } = recipes[id]
          const kinds = datasets.map((kind) => datasetKinds[kind].shortLabel.toLowerCase()).join('; ')
          output.event(
            {
              type: 'recipe',
              id,
              label,
              summary,
              datasets,
              losses,
              visuals,
              options: describeOptions(options),
            },
            `${id.padEnd(12)}${label}. ${summary}\n${' '.repeat(12)}From: ${kinds}.`,
          )
        }
        return Promise.resolve(EXIT_DONE)
      }),
    )
}
