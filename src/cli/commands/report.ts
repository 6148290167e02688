import { resolve } from 'node:path'
import type { Command } from 'commander'
import { countInWords } from '../../core/words.ts'
import { EXIT_DONE, EXIT_FAILED } from '../exits.ts'
import { runCommand } from '../run.ts'

type ReportFlags = { run?: string; output?: string; json?: boolean }

/** Beside a map that is all but exact, as on pairs that a colour map explains, a percentage would say nothing. */
function compareL1(l1: number, baseline: number): string {
  const map = `the best linear map's ${baseline.toFixed(4)}`
  const share = 100 * (l1 / baseline - 1)
  if (!(Math.abs(share) < 1000)) return `${l1 > baseline ? 'above' : 'equal to'} ${map}`
  return `${Math.abs(share).toFixed(1)}% ${share < 0 ? 'below' : 'above'} ${map}`
}

export function addReport(program: Command): void {
  program
    .command('report')
    .description('Score a model on the test pairs and write a page with before and after.')
    .argument('<dir>', 'the project folder')
    .option('--run <run>', 'the run; the newest with a model when left out')
    .option('--output <file>', 'where the page goes; reports/<run>.html in the project when left out')
    .option('--json', 'every event as one line of JSON; the last line is the result')
    .addHelpText(
      'after',
      '\nExamples:\n  diptych report earth\n  diptych report earth --run run-002 --output earth.html',
    )
    .action((dir: string, flags: ReportFlags) =>
      runCommand(flags.json ?? false, async ({ output, signal }) => {
        const { openBackend } = await import('../../engine/backends/index.ts')
        const { writeReport } = await import('../../engine/evaluation/report.ts')
        await openBackend()
        const request = {
          projectFolder: resolve(dir),
          ...(flags.run ? { run: flags.run } : {}),
          ...(flags.output ? { output: resolve(flags.output) } : {}),
        }
        for await (const event of writeReport(request, signal)) {
          if (event.type === 'report-progress') output.progress(`scored ${event.done} of ${event.total}`)
          if (event.type !== 'report') {
            output.event(event)
            continue
          }
          const { l1, ssim, psnr, baseline, pairs, file } = event
          const compared = compareL1(l1, baseline.l1)
          output.event(
            event,
            `On ${countInWords(pairs, 'test pair')}: L1 ${l1.toFixed(4)} (${compared}), PSNR ${psnr.toFixed(2)} dB, SSIM ${ssim.toFixed(4)} (the map's ${baseline.ssim.toFixed(4)}).\nThe page: ${file.path}`,
          )
          return EXIT_DONE
        }
        return EXIT_FAILED
      }),
    )
}
