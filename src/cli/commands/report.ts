import { resolve } from 'node:path'
import type { Command } from 'commander'
import { countInWords } from '../../core/words.ts'
import type { ReportEvent } from '../../engine/evaluation/report.ts'
import { EXIT_DONE, EXIT_FAILED } from '../exits.ts'
import { runCommand } from '../run.ts'

type ReportFlags = { run?: string; output?: string; json?: boolean }

type Report = Extract<ReportEvent, { type: 'report' }>

/** Beside a yardstick that is all but exact, as a map on pairs that it explains, a percentage would say nothing. */
function compareL1(l1: number, baseline: NonNullable<Report['baseline']>): string {
  const yardstick = `${lowerFirst(baseline.label)} ${baseline.l1.toFixed(4)}`
  const share = 100 * (l1 / baseline.l1 - 1)
  if (!(Math.abs(share) < 1000)) return `${l1 > baseline.l1 ? 'above' : 'equal to'} ${yardstick}`
  return `${Math.abs(share).toFixed(1)}% ${share < 0 ? 'below' : 'above'} ${yardstick}`
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

function reportInWords({ scores, baseline, pairs, pictures, file }: Report): string {
  const page = `The page: ${file.path}`
  if (!scores)
    return `${countInWords(pictures, 'test picture')} without true partners, shown and not scored.\n${page}`
  const { l1, psnr, ssim } = scores
  const compared = baseline ? ` (${compareL1(l1, baseline)})` : ''
  const other = baseline ? ` (${lowerFirst(baseline.label)} ${baseline.ssim.toFixed(4)})` : ''
  return `On ${countInWords(pairs, 'test pair')}: L1 ${l1.toFixed(4)}${compared}, PSNR ${psnr.toFixed(2)} dB, SSIM ${ssim.toFixed(4)}${other}.\n${page}`
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
          output.event(event, reportInWords(event))
          return EXIT_DONE
        }
        return EXIT_FAILED
      }),
    )
}
