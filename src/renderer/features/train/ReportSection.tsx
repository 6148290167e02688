import { ClipboardCheck, FolderOpen } from 'lucide-react'
import { useStore } from 'zustand'
import { countInWords } from '../../../core/words.ts'
import { Button } from '../../components/Button.tsx'
import { RefusalNote, Section } from '../../components/States.tsx'
import { formatScore } from '../../format.ts'
import { jobsStore, liveJobOfRun } from '../../stores/jobs.ts'
import { runsStore, writeReport } from '../../stores/runs.ts'
import type { ReportDone } from '../../stores/runs.ts'
import { shellStore, showInFolder } from '../../stores/shell.ts'

function Scores({ report: { scores, baseline, pairs, pictures } }: { report: ReportDone }) {
  if (!scores)
    return <p>{countInWords(pictures, 'test picture')} without true partners: the page shows them.</p>
  const rows = [
    ['L1 (lower is better)', scores.l1, baseline?.l1],
    ['PSNR, dB', scores.psnr, baseline?.psnr],
    ['SSIM', scores.ssim, baseline?.ssim],
  ] as const
  return (
    <table className="scores">
      <thead>
        <tr>
          <th scope="col">On {countInWords(pairs, 'test pair')}</th>
          <th scope="col">Model</th>
          {baseline ? <th scope="col">{baseline.label}</th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, model, other]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{formatScore(model)}</td>
            {other === undefined ? null : <td>{formatScore(other)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The final score, on pairs that neither training nor the choice of the best state has seen. */
export function ReportSection({ run, isDone }: { run: string; isDone: boolean }) {
  const project = useStore(shellStore, (state) => state.project)
  const report = useStore(runsStore, (state) => state.reports[run])
  const isTraining = useStore(jobsStore, ({ jobs }) => liveJobOfRun(jobs, run) !== undefined)
  if (!project || !isDone) return null
  return (
    <Section title="Score on the test pictures">
      {report?.status === 'done' ? <Scores report={report.report} /> : null}
      {report?.status === 'failed' ? <RefusalNote refusal={report.refusal} /> : null}
      <div className="button-row">
        <Button
          icon={ClipboardCheck}
          onPress={() => void writeReport(project.folder, run)}
          isDisabled={isTraining || report?.status === 'working'}
        >
          {report?.status === 'working' ? 'Scoring' : 'Write the report'}
        </Button>
        {report?.status === 'done' ? (
          <Button icon={FolderOpen} onPress={() => void showInFolder(report.report.file)}>
            Show in folder
          </Button>
        ) : null}
      </div>
    </Section>
  )
}
