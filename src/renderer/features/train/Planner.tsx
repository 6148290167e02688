import { CircleCheck, Square, Timer, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Ref, RefObject } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import { useStore } from 'zustand'
import { describeOptions } from '../../../core/options/describe.ts'
import type { Estimate, Plan, Proposal } from '../../../core/planning/plan.ts'
import type { TrainingSettings } from '../../../core/project/project.ts'
import { recipes } from '../../../core/recipes/index.ts'
import { Button } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { Facts, Progress, RefusalNote, Section } from '../../components/States.tsx'
import { formatAmount, formatBytes, formatCount, formatDuration, formatStep } from '../../format.ts'
import { stopJob } from '../../stores/jobs.ts'
import { isSameTraining, measurePlan, patiences, planningStore, takeProposal } from '../../stores/planning.ts'
import { shellStore } from '../../stores/shell.ts'
import { setTrainingOption } from '../../stores/training.ts'
import { useBusyWords } from '../frame/busy.ts'

function Fit({ isFitting, children }: { isFitting: boolean; children: string }) {
  return (
    <span className={isFitting ? 'fit' : 'fit fit-not'}>
      {isFitting ? null : <TriangleAlert size={12} aria-label="Does not fit:" />}
      {children}
    </span>
  )
}

function EstimateFacts({ plan }: { plan: Plan }) {
  const { estimate, fits, memoryFreeBytes, diskFreeBytes } = plan
  const { seconds, stepMs, memoryBytes, diskBytes, parameters } = estimate
  return (
    <Facts
      facts={[
        [
          'To the end',
          <Fit key="time" isFitting={fits.time}>
            {formatDuration(seconds)}
          </Fit>,
        ],
        ['A step', formatStep(stepMs)],
        [
          'Memory',
          <Fit key="memory" isFitting={fits.memory}>
            {`${formatBytes(memoryBytes)} of ${formatBytes(memoryFreeBytes)} free`}
          </Fit>,
        ],
        [
          'Disk',
          <Fit key="disk" isFitting={fits.disk}>
            {`${formatBytes(diskBytes)} of ${formatBytes(diskFreeBytes)} free`}
          </Fit>,
        ],
        ['Weights', formatCount(parameters)],
      ]}
    />
  )
}

/** Squares that these networks can work on: one press sets it. */
function LegalSizes({ plan }: { plan: Plan }) {
  const { recipe, options } = plan.training
  const declared = describeOptions(recipes[recipe].options).find(({ key }) => key === 'cropSizePx')
  const chosen = options['cropSizePx'] ?? declared?.defaultValue
  if (plan.legalSizesPx.length === 0) return null
  return (
    <div className="legal-sizes" role="group" aria-label="Squares that fit">
      <span className="legal-words">Squares that fit, in px</span>
      {plan.legalSizesPx.map((sizePx) => (
        <AriaButton
          key={sizePx}
          className={`legal-size${sizePx === chosen ? ' legal-chosen' : ''}`}
          aria-label={`Use squares of ${sizePx} px`}
          onPress={() => setTrainingOption('cropSizePx', sizePx)}
        >
          {sizePx}
        </AriaButton>
      ))}
    </div>
  )
}

function costOf({ seconds, memoryBytes, isMeasured }: Estimate): string {
  const measured = isMeasured ? '' : ', reckoned'
  return `${formatDuration(seconds)}${measured}, ${formatBytes(memoryBytes)} of memory`
}

function ProposalCard({ plan, proposal }: { plan: Plan; proposal: Proposal }) {
  return (
    <li className="proposal">
      <h3>{proposal.label}</h3>
      <p className="proposal-time">{costOf(proposal.estimate)}</p>
      <p className="section-words">{proposal.cost}</p>
      <Button onPress={() => takeProposal(plan, proposal)} label={`Use these settings: ${proposal.label}`}>
        Use these settings
      </Button>
    </li>
  )
}

function Proposals({ plan, hasLimit }: { plan: Plan; hasLimit: boolean }) {
  const fits = plan.fits.time && plan.fits.memory && plan.fits.disk
  if (plan.proposals.length === 0)
    return fits ? (
      <p className="finding finding-none">
        <CircleCheck size={16} aria-hidden />
        {hasLimit ? 'These settings fit.' : 'These settings fit into memory and disk.'}
      </p>
    ) : (
      <p className="section-words">
        No lighter settings were found that fit. Allow more time, or choose a smaller square.
      </p>
    )
  return (
    <>
      <p className="section-words">
        {fits
          ? 'These fit. Lighter settings, with what they cost in quality:'
          : 'These do not fit. Lighter settings that do, with what they cost in quality:'}
      </p>
      <ul className="proposals">
        {plan.proposals.map((proposal) => (
          <ProposalCard key={proposal.label} plan={plan} proposal={proposal} />
        ))}
      </ul>
    </>
  )
}

type MeasuredProps = { plan: Plan; training: TrainingSettings; ref: Ref<HTMLDivElement> }

function Measured({ plan, training, ref }: MeasuredProps) {
  const hasLimit = useStore(planningStore, ({ patience }) => patience !== 'none')
  const isStale = !isSameTraining(plan.training, training)
  return (
    <div ref={ref} className={isStale ? 'planned planned-stale' : 'planned'}>
      {isStale ? (
        <p className="section-note">The settings have changed since: measure again for new figures.</p>
      ) : null}
      {plan.usesOwnPictures ? null : (
        <p className="section-note">No picture could be read: measured with drawn ones of the same size.</p>
      )}
      <EstimateFacts plan={plan} />
      <LegalSizes plan={plan} />
      <Proposals plan={plan} hasLimit={hasLimit} />
    </div>
  )
}

function Working({ job, done, total }: { job: string; done: number; total: number }) {
  const words = total === 0 ? 'Getting ready' : `${done} of ${formatAmount(total, 'measurement')}`
  return (
    <>
      <Progress label="Measuring" done={done} total={total} words={words} />
      <p className="section-words">{words}. Real steps are measured on this computer.</p>
      <Button icon={Square} onPress={() => void stopJob(job)}>
        Stop measuring
      </Button>
    </>
  )
}

/** What has just been measured comes into view; what was measured before a person looked stays where it is. */
function useShownWhenDone(status: string): RefObject<HTMLDivElement | null> {
  const shown = useRef<HTMLDivElement>(null)
  const before = useRef(status)
  useEffect(() => {
    if (before.current === 'working') shown.current?.scrollIntoView({ block: 'nearest' })
    before.current = status
  }, [status])
  return shown
}

type PlannerProps = { training: TrainingSettings; canMeasure: boolean }

/** Before a person waits: how long, how much memory and disk, and what would be quicker. */
export function Planner({ training, canMeasure }: PlannerProps) {
  const project = useStore(shellStore, (state) => state.project)
  const { patience, planned, asking } = useStore(planningStore)
  const busy = useBusyWords('plan')
  const shown = useShownWhenDone(planned.status)
  if (!project) return null
  return (
    <Section title="How long will it take?">
      <Choice
        label="How long you would wait"
        items={patiences}
        value={patience}
        onChange={(id) => {
          const chosen = patiences.find((known) => known.id === id)
          if (chosen) planningStore.setState({ patience: chosen.id })
        }}
      />
      {planned.status === 'working' ? (
        <Working {...planned} />
      ) : (
        <>
          <Button
            icon={Timer}
            onPress={() => void measurePlan(project.folder, training)}
            isDisabled={!canMeasure || asking || busy !== null}
          >
            {planned.status === 'ready' ? 'Measure again' : 'Measure on this computer'}
          </Button>
          {busy ? <p className="section-note">{busy}</p> : null}
        </>
      )}
      {planned.status === 'none' ? (
        <p className="section-note">
          Takes seconds: time to the end, memory, disk, and lighter settings if these do not fit.
        </p>
      ) : null}
      {planned.status === 'failed' ? (
        planned.refusal.code === 'stopped' ? (
          <p className="section-words">{planned.refusal.message}</p>
        ) : (
          <RefusalNote refusal={planned.refusal} />
        )
      ) : null}
      {planned.status === 'ready' ? <Measured ref={shown} plan={planned.plan} training={training} /> : null}
    </Section>
  )
}
