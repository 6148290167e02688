import { Pause, Play, RotateCcw, Sparkle, Square, Wand } from 'lucide-react'
import { useStore } from 'zustand'
import type { WindowViews } from '../../../core/contract/index.ts'
import { describeOptions } from '../../../core/options/describe.ts'
import { optionsFor } from '../../../core/recipes/fitting.ts'
import { recipes } from '../../../core/recipes/index.ts'
import { Button } from '../../components/Button.tsx'
import { FindingList } from '../../components/FindingList.tsx'
import { Facts, Progress, RefusalNote, Section } from '../../components/States.tsx'
import {
  formatBytes,
  formatCount,
  formatMoment,
  formatScore,
  formatSetting,
  formatStep,
  formatTimeLeft,
} from '../../format.ts'
import { continueJob, jobsStore, liveJobOfRun, pauseJob, stopJob } from '../../stores/jobs.ts'
import { valueOf } from '../../stores/loadable.ts'
import { resumeRun, runsStore } from '../../stores/runs.ts'
import type { Progress as RunProgress } from '../../stores/runs.ts'
import { goTo, shellStore } from '../../stores/shell.ts'
import { generateStore } from '../../stores/generate.ts'
import { setUpAgain } from '../../stores/training.ts'
import { chooseModel } from '../../stores/translate.ts'
import { ReportSection } from './ReportSection.tsx'
import { makesFromNothing } from './galleryLayout.ts'
import { VerdictSection } from './VerdictSection.tsx'
import { canResume, runStateWords, stateOf } from './runState.ts'

/** Whether its recipe makes pictures from nothing: no picture of its is to be compared with another. */
function useFromNoise(run: string): boolean {
  return useStore(runsStore, ({ details }) => {
    const known = details[run]
    const recipe = known ? valueOf(known)?.config.recipe : undefined
    return recipe !== undefined && makesFromNothing(recipes[recipe].visuals)
  })
}

function RunControls({ run, progress }: { run: string; progress: RunProgress }) {
  const project = useStore(shellStore, (state) => state.project)
  const isReady = useStore(shellStore, ({ engine }) => engine === null || engine.state === 'ready')
  const starting = useStore(runsStore, (state) => state.starting)
  const job = useStore(jobsStore, ({ jobs }) => liveJobOfRun(jobs, run))
  const state = stateOf(progress.state, job)
  const { model } = progress
  const isFromNoise = useFromNoise(run)
  return (
    <div className="button-row">
      {job?.state === 'running' && job.kind === 'train' ? (
        <Button icon={Pause} onPress={() => void pauseJob(job.job)}>
          Pause
        </Button>
      ) : null}
      {job?.state === 'paused' ? (
        <Button variant="primary" icon={Play} onPress={() => void continueJob(job.job)}>
          Continue
        </Button>
      ) : null}
      {job ? (
        <Button icon={Square} onPress={() => void stopJob(job.job)} isDisabled={job.state === 'stopping'}>
          Stop
        </Button>
      ) : null}
      {canResume(state) && project ? (
        <Button
          variant="primary"
          icon={RotateCcw}
          onPress={() => void resumeRun(project.folder, run)}
          isDisabled={starting || !isReady}
        >
          Resume
        </Button>
      ) : null}
      {model ? (
        <Button
          variant={state === 'done' ? 'primary' : 'secondary'}
          icon={Sparkle}
          onPress={() => {
            if (isFromNoise) generateStore.setState({ model: model.id })
            else chooseModel(model.id)
            goTo(isFromNoise ? 'generate' : 'translate')
          }}
        >
          Use this model
        </Button>
      ) : null}
    </div>
  )
}

const bestOf = (scores: readonly number[]) =>
  scores.length > 0 ? formatScore(Math.min(...scores)) : 'after the first saved state'

function RunState({ run, progress }: { run: string; progress: RunProgress }) {
  const job = useStore(jobsStore, ({ jobs }) => liveJobOfRun(jobs, run))
  const state = stateOf(progress.state, job)
  const isFromNoise = useFromNoise(run)
  const scores = progress.checkpoints.flatMap(({ validationL1 }) =>
    validationL1 === null ? [] : [validationL1],
  )
  return (
    <Section title={run} aside={<span className={`state-badge state-${state}`}>{runStateWords[state]}</span>}>
      <Progress
        label={run}
        done={progress.step}
        total={progress.steps}
        tone={state === 'running' ? 'accent' : 'quiet'}
      />
      <Facts
        facts={[
          ['Step', `${formatCount(progress.step)} of ${formatCount(progress.steps)}`],
          [
            'Time left',
            state === 'running' ? formatTimeLeft(progress.secondsLeft).replace(/ left$/, '') : 'not running',
          ],
          ['Speed', progress.stepMs === null ? 'not measured yet' : `${formatStep(progress.stepMs)} a step`],
          ...(isFromNoise ? [] : [['Best L1', bestOf(scores)] as [string, string]]),
          ['Device', progress.backend?.device ?? 'not known yet'],
        ]}
      />
      <RunControls run={run} progress={progress} />
    </Section>
  )
}

/** Whether its data hold a partner for every picture, as files. */
function isPaired({ config }: WindowViews['run']): boolean {
  return config.dataset.kind === 'paired-folders' || config.dataset.kind === 'side-by-side'
}

function Settings({ run }: { run: string }) {
  const details = useStore(runsStore, (state) => state.details[run])
  const view = details ? valueOf(details) : null
  if (!view) return null
  const described = describeOptions(recipes[view.config.recipe].options)
  const shown = described.filter(({ key, level, defaultValue }) => {
    const value = view.config.options[key]
    return level === 'simple' || (value !== undefined && value !== defaultValue)
  })
  return (
    <Section title="Settings">
      <Facts
        facts={[
          ['Started', formatMoment(view.summary.createdAt)],
          ['Recipe', recipes[view.config.recipe].label],
          [isPaired(view) ? 'Training pairs' : 'Training pictures', formatCount(view.config.pairs)],
          ...shown.map(({ key, label, choices }): [string, string] => {
            const value = view.config.options[key]
            return [label, choices.find((choice) => choice.value === value)?.label ?? formatSetting(value)]
          }),
        ]}
      />
    </Section>
  )
}

function SavedStates({ run }: { run: string }) {
  const details = useStore(runsStore, (state) => state.details[run])
  const checkpoints = (details ? valueOf(details) : null)?.checkpoints ?? []
  const isScored = checkpoints.some(({ validationL1 }) => validationL1 !== null)
  if (checkpoints.length === 0) return null
  return (
    <Section title="Saved states" aside={isScored ? <span className="section-note">L1</span> : null}>
      <Facts
        facts={[...checkpoints]
          .reverse()
          .slice(0, 12)
          .map(({ step, validationL1, bytes, whole }): [string, string] => [
            `Step ${formatCount(step)}, ${formatBytes(bytes)}${whole ? '' : ', generator only'}`,
            validationL1 !== null ? formatScore(validationL1) : isScored ? 'not scored' : '',
          ])}
      />
    </Section>
  )
}

/** One click to a new run that does what the finding advises, as far as its recipe can. */
function Remedy({ run, change }: { run: string; change: Readonly<Record<string, unknown>> }) {
  const config = useStore(runsStore, (state) => {
    const details = state.details[run]
    return details ? (valueOf(details)?.config ?? null) : null
  })
  if (!config || Object.keys(optionsFor(config.recipe, change)).length === 0) return null
  return (
    <Button
      icon={Wand}
      onPress={() => {
        setUpAgain(config.recipe, config.options, change)
        runsStore.setState({ selected: null })
      }}
    >
      Set up a new run with this
    </Button>
  )
}

/** What one run is doing, what it found, and what can be done with it. */
export function RunInspector({ run }: { run: string }) {
  const progress = useStore(runsStore, (state) => state.progress[run])
  if (!progress) return null
  const findings = progress.findings.map(({ finding }) => finding)
  return (
    <div className="panel-scroll">
      <RunState run={run} progress={progress} />
      {progress.refusal ? <RefusalNote refusal={progress.refusal} /> : null}
      {progress.rollbacks.map(({ fromStep, toStep }) => (
        <p key={`${fromStep} ${toStep}`} className="section-words">
          Went back from step {formatCount(fromStep)} to {formatCount(toStep)} and goes on with half the
          learning rate.
        </p>
      ))}
      <FindingList
        findings={findings}
        empty="Training looks healthy."
        actionFor={({ change }) => (change ? <Remedy run={run} change={change} /> : null)}
      />
      <ReportSection run={run} isDone={progress.checkpoints.length > 0} />
      <VerdictSection run={run} isSaved={progress.checkpoints.length > 0} />
      <SavedStates run={run} />
      <Settings run={run} />
    </div>
  )
}
