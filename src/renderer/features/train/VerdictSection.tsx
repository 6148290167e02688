import { Gavel, ImagePlus, Square } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { Facts, Progress, RefusalNote, Section } from '../../components/States.tsx'
import { formatAmount, formatCount, formatScore, formatTimeLeft, withoutFlags } from '../../format.ts'
import { isLive, jobsStore, stopJob } from '../../stores/jobs.ts'
import type { Job } from '../../stores/jobs.ts'
import { judgeChosen, judgingStore, measureJudge } from '../../stores/judging.ts'
import type { Choosing, Judged, Measuring } from '../../stores/judging.ts'
import { shellStore } from '../../stores/shell.ts'
import { useBusyWords } from '../frame/busy.ts'
import { JudgedPictures } from './JudgedPictures.tsx'
import { VerdictHistogram } from './VerdictHistogram.tsx'

/** Below this many, figures say little. */
const FEW = 10

const percent = (share: number): string => `${Math.round(100 * share)}%`

function Working({ job }: { job: Job }) {
  const words =
    job.total === 0
      ? 'Getting ready'
      : `${formatCount(job.done)} of ${formatAmount(job.total, 'picture')}, ${formatTimeLeft(job.secondsLeft)}`
  return (
    <>
      <Progress label="Asking the judge" done={job.done} total={job.total} words={words} />
      <p className="section-words">{words}</p>
      <Button icon={Square} onPress={() => void stopJob(job.job)} isDisabled={job.state === 'stopping'}>
        {job.state === 'stopping' ? 'Stopping' : 'Stop asking'}
      </Button>
    </>
  )
}

/** How well the judge tells the two heaps apart. */
function Skill({ summary }: { summary: Judged }) {
  const { real, made, accuracy, area, step, threshold } = summary
  if (!real || !made) return null
  return (
    <>
      <VerdictHistogram summary={summary} real={real} made={made} />
      <Facts
        facts={[
          ['Saved state', `step ${formatCount(step)}`],
          [`Mean of ${formatAmount(real.count, 'real picture')}`, formatScore(real.mean)],
          [`Mean of ${formatAmount(made.count, 'made one')}`, formatScore(made.mean)],
          ...(made.shareOver === null
            ? []
            : [['Made ones that pass for real', percent(made.shareOver)] as const]),
          ...(accuracy === null ? [] : [['Told rightly', percent(accuracy)] as const]),
          ...(area === null ? [] : [['Real above made (ROC area)', formatScore(area)] as const]),
        ]}
      />
      <p className="section-note">
        {threshold === null
          ? 'A critic has no threshold: its figures mean something beside each other only.'
          : 'The nearer to guessing (50%), the better the generator, or the weaker the judge.'}
        {Math.min(real.count, made.count) < FEW ? ' So few pictures tell little.' : ''}
      </p>
    </>
  )
}

function Failed({ measuring, onOther }: { measuring: Measuring; onOther: () => void }) {
  const { refusal, split } = measuring
  if (!refusal) return null
  if (refusal.code === 'stopped')
    return (
      <p className="section-words">
        {refusal.message} {withoutFlags(refusal.remedy)}
      </p>
    )
  const other =
    refusal.code === 'holdout-empty' && split === 'test' ? (
      <Button onPress={onOther}>Use the validation pictures</Button>
    ) : null
  return <RefusalNote refusal={refusal} action={other} />
}

/** Pictures of the person's own, once it is known what the judge must be told of them. */
function OwnPictures({ summary, chosen }: { summary: Judged; chosen: Choosing | undefined }) {
  const project = useStore(shellStore, (state) => state.project)
  const busy = useBusyWords('judge')
  const [label, setLabel] = useState(summary.classes[0] ?? '')
  const { told } = summary
  if (!project) return null
  return (
    <>
      {told.label ? (
        <>
          <p className="section-words">Which class your pictures are of:</p>
          <Choice
            label="Which class your pictures are of"
            items={summary.classes.map((name) => ({ id: name, label: name }))}
            value={label}
            onChange={setLabel}
          />
        </>
      ) : null}
      <p className="section-note">
        {told.given
          ? 'This judge sees a picture beside what it was made of: choose the pictures, then the folder that holds those under the same names.'
          : 'Any picture will do: a photograph, or one that a model has made.'}
      </p>
      <Button
        icon={ImagePlus}
        onPress={() => void judgeChosen(project.folder, summary, told.label ? label : null)}
        isDisabled={busy !== null}
      >
        Ask about pictures
      </Button>
      {chosen ? <JudgedPictures chosen={chosen} /> : null}
    </>
  )
}

/** What the judge of a run makes of held-out and made pictures, and of those that a person chooses. */
export function VerdictSection({ run, isSaved }: { run: string; isSaved: boolean }) {
  const project = useStore(shellStore, (state) => state.project)
  const measuring = useStore(judgingStore, ({ measured }) => measured[run])
  const chosen = useStore(judgingStore, (state) => state.chosen[run])
  const job = useStore(jobsStore, ({ jobs }) =>
    [measuring, chosen].flatMap((asking) => (asking ? (jobs[asking.job] ?? []) : [])).find(isLive),
  )
  const busy = useBusyWords('judge')
  if (!project || !isSaved) return null
  const { summary = null, split = 'test' } = measuring ?? {}
  const start = (of: 'val' | 'test') => void measureJudge(project.folder, run, of)
  return (
    <Section title="What its judge says">
      {measuring ? null : (
        <p className="section-words">
          The network that learned to tell real pictures from made ones says how real each looks, and where.
        </p>
      )}
      {summary ? <Skill summary={summary} /> : null}
      {measuring ? <Failed measuring={measuring} onOther={() => start('val')} /> : null}
      {job ? (
        <Working job={job} />
      ) : (
        <>
          <Button icon={Gavel} onPress={() => start(split)} isDisabled={busy !== null}>
            {summary ? 'Ask the judge again' : 'Ask the judge'}
          </Button>
          {busy ? <p className="section-note">{busy}</p> : null}
        </>
      )}
      {summary ? <OwnPictures summary={summary} chosen={chosen} /> : null}
    </Section>
  )
}
