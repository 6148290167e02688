import { resolve } from 'node:path'
import type { Command } from 'commander'
import { EXIT_DONE, EXIT_FAILED } from '../exits.ts'
import { runCommand } from '../run.ts'

type ReportFlags = { run?: string; output?: string; json?: boolean }

export function addReport(program: Command): void {
  program
    .command('report')
    .description('Score a model on the test pairs and write a page with before and after.')
    .argument('<dir>', 'the project folder')
    .option('--run <run>', 'the run; the newest with a model when left out')
    .option('--output <file>', 'where the page goes; reports/<run>.html in the project when left out')
    .option('--json', 'every event as one line of JSON; the last line is the result')
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
          const share = 100 * (l1 / baseline.l1 - 1)
          const compared = `${Math.abs(share).toFixed(1)}% ${share < 0 ? 'below' : 'above'} the best linear map's ${baseline.l1.toFixed(4)}`
          output.event(
            event,
            `On ${pairs} test pairs: L1 ${l1.toFixed(4)} (${compared}), PSNR ${psnr.toFixed(2)} dB, SSIM ${ssim.toFixed(4)} (the map's ${baseline.ssim.toFixed(4)}).\nThe page: ${file.path}`,
          )
          return EXIT_DONE
        }
        return EXIT_FAILED
      }),
    )
}
