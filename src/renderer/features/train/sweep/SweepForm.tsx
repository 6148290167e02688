import { ChevronRight, FlaskConical, Plus, Square, Timer } from 'lucide-react'
import { useMemo } from 'react'
import { Button as AriaButton, Disclosure, DisclosurePanel, Heading } from 'react-aria-components'
import { useStore } from 'zustand'
import { metrics } from '../../../../core/evaluation/metrics.ts'
import type { SweepPlan } from '../../../../core/planning/plan.ts'
import type { TrainingSettings } from '../../../../core/project/project.ts'
import { variableOptions } from '../../../../core/sweeps/settings.ts'
import { sweepMeasures } from '../../../../core/sweeps/sweep.ts'
import type { SweepRequest } from '../../../../core/sweeps/sweep.ts'
import { Button } from '../../../components/Button.tsx'
import { Choice } from '../../../components/Choice.tsx'
import { Facts, Progress, RefusalNote } from '../../../components/States.tsx'
import { formatAmount, formatBytes, formatCount, formatDuration, withoutFlags } from '../../../format.ts'
import { stopJob } from '../../../stores/jobs.ts'
import { shellStore } from '../../../stores/shell.ts'
import { addRow, askedSweep, MOST_ROWS, sweepFormStore } from '../../../stores/sweepForm.ts'
import { planSweep, startSweep, sweepsStore } from '../../../stores/sweeps.ts'
import { useBusyWords } from '../../frame/busy.ts'
import { ladderWords } from './sweepWords.ts'
import { VaryRow } from './VaryRow.tsx'

function Rows({ training }: { training: TrainingSettings }) {
  const rows = useStore(sweepFormStore, (state) => state.rows)
  const options = useMemo(() => variableOptions(training.recipe), [training.recipe])
  const taken = rows.map(({ option }) => option)
  return (
    <>
      {rows.map((row, index) => (
        <VaryRow key={row.option} {...{ index, row, training, options, taken }} />
      ))}
      {rows.length < MOST_ROWS ? (
        <Button icon={Plus} onPress={() => addRow(training)}>
          {rows.length === 0 ? 'Choose an option to vary' : 'Vary another option'}
        </Button>
      ) : null}
    </>
  )
}

/** How settings are told apart: what decides, and how many go on. */
function Rules() {
  const { eta, measure } = useStore(sweepFormStore)
  return (
    <>
      <Choice
        label="How many go on after each round"
        items={[
          { id: '2', label: 'The better half goes on' },
          { id: '3', label: 'The best third goes on' },
        ]}
        value={String(eta)}
        onChange={(id) => sweepFormStore.setState({ eta: id === '3' ? 3 : 2 })}
      />
      <Choice
        label="What decides"
        items={[
          { id: 'usual', label: 'L1 with pairs, else KID' },
          ...sweepMeasures.map((id) => ({ id, label: metrics[id].label, detail: metrics[id].term })),
        ]}
        value={measure}
        onChange={(id) =>
          sweepFormStore.setState({ measure: sweepMeasures.find((known) => known === id) ?? 'usual' })
        }
      />
    </>
  )
}

function PlanFacts({ plan }: { plan: SweepPlan }) {
  const { seconds, mostSeconds, memoryBytes, memoryFreeBytes, diskBytes, diskFreeBytes, isMeasured } = plan
  const most = mostSeconds > 1.2 * seconds ? `, at most ${formatDuration(mostSeconds)}` : ''
  return (
    <Facts
      facts={[
        [isMeasured ? 'To the end' : 'To the end, reckoned', `${formatDuration(seconds)}${most}`],
        ['Memory', `${formatBytes(memoryBytes)} of ${formatBytes(memoryFreeBytes)} free`],
        ['Disk', `${formatBytes(diskBytes)} of ${formatBytes(diskFreeBytes)} free`],
      ]}
    />
  )
}

/** How long it would take, asked for and told; an older answer to another question is not shown. */
function Time({ request, isBusy }: { request: SweepRequest; isBusy: boolean }) {
  const project = useStore(shellStore, (state) => state.project)
  const planned = useStore(sweepsStore, (state) => state.planned)
  if (!project) return null
  if (planned.status === 'working') {
    const { job, done, total } = planned
    const words = total === 0 ? 'Getting ready' : `${done} of ${formatAmount(total, 'measurement')}`
    return (
      <>
        <Progress label="Measuring" done={done} total={total} words={words} />
        <p className="section-words">{words}. Real steps of each setting are measured on this computer.</p>
        <Button icon={Square} onPress={() => void stopJob(job)}>
          Stop measuring
        </Button>
      </>
    )
  }
  const isAnswer =
    planned.status === 'ready' && JSON.stringify(planned.plan.request) === JSON.stringify(request)
  return (
    <>
      {planned.status === 'failed' && planned.refusal.code !== 'stopped' ? (
        <RefusalNote refusal={planned.refusal} />
      ) : null}
      {isAnswer ? (
        <PlanFacts plan={planned.plan} />
      ) : (
        <Button icon={Timer} onPress={() => void planSweep(project.folder, request)} isDisabled={isBusy}>
          Measure how long it takes
        </Button>
      )}
    </>
  )
}

function Asked({ training, pairs }: { training: TrainingSettings; pairs: number }) {
  const project = useStore(shellStore, (state) => state.project)
  const form = useStore(sweepFormStore)
  const { asking, failures } = useStore(sweepsStore)
  const busy = useBusyWords(null)
  const asked = useMemo(() => askedSweep(form, training, pairs), [form, training, pairs])
  if (!project || asked === null) return null
  if ('refusal' in asked)
    return (
      <p className="plan plan-wrong" role="alert">
        {asked.refusal.message} {withoutFlags(asked.refusal.remedy)}
      </p>
    )
  const { request, ladder } = asked
  const count = ladder.rungs[0]?.runs ?? 0
  const refusal = failures['']
  const isBusy = asking || busy !== null
  return (
    <>
      <p className="section-words">
        {ladderWords(ladder)}: {formatAmount(ladder.totalSteps, 'step')} in all.
      </p>
      <Time request={request} isBusy={isBusy} />
      <Button
        icon={FlaskConical}
        wide
        onPress={() => void startSweep(project.folder, request)}
        isDisabled={isBusy || count < 2}
      >
        {count < 2 ? 'Give at least two settings' : `Try ${formatCount(count)} settings`}
      </Button>
      {busy ? <p className="section-note">{busy}</p> : null}
      {refusal && refusal.code !== 'stopped' ? <RefusalNote refusal={refusal} /> : null}
    </>
  )
}

/** A few settings tried side by side: which, how they are told apart, and how long that takes. */
export function SweepForm({ training, pairs }: { training: TrainingSettings; pairs: number }) {
  const hasRows = useStore(sweepFormStore, ({ rows }) => rows.length > 0)
  return (
    <section className="section sweep-section">
      <Disclosure className="disclosure" defaultExpanded={hasRows}>
        <Heading level={2}>
          <AriaButton slot="trigger" className="disclosure-button">
            <ChevronRight size={16} aria-hidden />
            Try several settings
          </AriaButton>
        </Heading>
        <DisclosurePanel className="disclosure-panel sweep-form">
          <p className="section-words">
            All of them train a little, the better ones train on, and the last ones train to the end. Held-out
            pictures decide.
          </p>
          <Rows training={training} />
          {hasRows ? <Rules /> : null}
          <Asked training={training} pairs={pairs} />
        </DisclosurePanel>
      </Disclosure>
    </section>
  )
}
