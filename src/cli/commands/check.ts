import { resolve } from 'node:path'
import type { Command } from 'commander'
import { refuse } from '../../core/errors.ts'
import { countInWords } from '../../core/words.ts'
import { scanDataset } from '../../engine/datasets/index.ts'
import { openProject } from '../../engine/storage/project.ts'
import { EXIT_DONE, EXIT_FAILED } from '../exits.ts'
import { runCommand } from '../run.ts'

export function addCheck(program: Command): void {
  program
    .command('check')
    .description("Read a project's pictures and say what would go wrong in training, before it does.")
    .argument('<dir>', 'the project folder')
    .option('--json', 'every finding as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExample:\n  diptych check earth\n\nExit code 1 when there is an error among the findings.',
    )
    .action((dir: string, flags: { json?: boolean }) =>
      runCommand(flags.json ?? false, async ({ output, signal }) => {
        const folder = resolve(dir)
        const { project } = await openProject(folder)
        if (!project.dataset)
          throw refuse(
            'dataset-missing',
            `${project.name} has no pictures yet.`,
            'Make it with --a and --b, or choose folders in the window.',
          )
        const report = await scanDataset(project.dataset, folder, signal)
        for (const finding of report.findings)
          output.event(
            { type: 'finding', ...finding },
            `${finding.level}: ${finding.message} ${finding.remedy}${finding.file ? ` (${finding.file.path})` : ''}`,
          )
        const { train, val, test } = report.counts
        const errors = report.findings.filter((finding) => finding.level === 'error').length
        output.event(
          {
            type: 'checked',
            pairs: report.pairs.length,
            counts: report.counts,
            a: report.a,
            b: report.b,
            errors,
          },
          `${countInWords(report.pairs.length, 'pair')}: ${train} to train on, ${val} to choose by, ${test} to score. ${countInWords(errors, 'error')}.`,
        )
        return errors > 0 ? EXIT_FAILED : EXIT_DONE
      }),
    )
}
