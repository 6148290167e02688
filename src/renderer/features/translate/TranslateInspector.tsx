import { Download, FolderOpen, Play, Square } from 'lucide-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { OptionsForm } from '../../components/OptionsForm.tsx'
import { RefusalNote, Section } from '../../components/States.tsx'
import { formatAmount, formatTimeLeft } from '../../format.ts'
import { isLive, jobsStore, stopJob } from '../../stores/jobs.ts'
import { shellStore, showInFolder } from '../../stores/shell.ts'
import { setOption } from '../../stores/training.ts'
import { chooseOutput, chosenModel, optionsOf, translateAll, translateStore } from '../../stores/translate.ts'
import { countItems } from '../../stores/translation.ts'
import { ExportSection } from './ExportSection.tsx'
import { ModelChoice } from './ModelChoice.tsx'

function Outcome() {
  const outcome = useStore(translateStore, (state) => state.outcome)
  const refusal = useStore(translateStore, (state) => state.refusal)
  if (refusal) return <RefusalNote refusal={refusal} />
  if (!outcome) return null
  const parts = [
    `${formatAmount(outcome.translated, 'picture')} translated`,
    outcome.failed > 0 ? `${outcome.failed} failed` : '',
    outcome.skipped > 0 ? `${outcome.skipped} skipped` : '',
    outcome.cancelled ? 'stopped before the end' : '',
  ]
  return (
    <p className="outcome" role="status">
      {parts.filter(Boolean).join(', ')}.
    </p>
  )
}

/** Where results go: a folder of ours until they are exported, or one that was chosen. */
function Output() {
  const output = useStore(translateStore, (state) => state.output)
  return (
    <Section title="Results">
      <p className="section-words">
        {output
          ? `Written to ${output.name}.`
          : 'Kept for now, until you export them. Or choose where they go at once.'}
      </p>
      <div className="button-row">
        <Button icon={FolderOpen} onPress={() => void chooseOutput()}>
          Choose a folder
        </Button>
        {output ? (
          <Button variant="quiet" onPress={() => translateStore.setState({ output: null })}>
            Keep for now
          </Button>
        ) : null}
      </div>
    </Section>
  )
}

function Foot() {
  const state = useStore(translateStore)
  const job = useStore(jobsStore, ({ jobs }) => (state.job === null ? undefined : jobs[state.job]))
  const isReady = useStore(shellStore, ({ engine }) => engine === null || engine.state === 'ready')
  const counts = useMemo(() => countItems(state.items), [state.items])
  const isBusy = job !== undefined && isLive(job)
  const canStart =
    chosenModel(state) !== null && state.items.length > 0 && !state.starting && !state.listing && isReady
  return (
    <div className="panel-foot">
      <Outcome />
      {isBusy ? (
        <p className="plan">
          {formatAmount(counts.done + counts.failed + counts.skipped, 'picture')} of {state.items.length},{' '}
          {formatTimeLeft(job.secondsLeft)}
        </p>
      ) : null}
      {isBusy ? (
        <Button
          icon={Square}
          wide
          onPress={() => void stopJob(job.job)}
          isDisabled={job.state === 'stopping'}
        >
          Stop
        </Button>
      ) : (
        <Button
          variant={counts.done > 0 ? 'secondary' : 'primary'}
          icon={Play}
          wide
          onPress={() => void translateAll()}
          isDisabled={!canStart}
        >
          Translate
        </Button>
      )}
      {counts.done > 0 && state.outcome ? (
        <Button
          icon={Download}
          wide
          variant="quiet"
          onPress={() => void showInFolder(state.output ?? state.outcome?.output ?? state.items[0]!.input)}
        >
          Show results in folder
        </Button>
      ) : null}
    </div>
  )
}

export function TranslateInspector() {
  const options = useStore(translateStore, (state) => state.options)
  const model = useStore(translateStore, chosenModel)
  const hasResults = useStore(translateStore, ({ items }) => items.some(({ output }) => output !== null))
  return (
    <>
      <div className="panel-scroll">
        {hasResults ? <ExportSection /> : null}
        <ModelChoice />
        <Output />
        <Section title="Options">
          <OptionsForm
            options={optionsOf(model)}
            values={options}
            onChange={(key, value) =>
              translateStore.setState(({ options: before }) => ({ options: setOption(before, key, value) }))
            }
          />
        </Section>
      </div>
      <Foot />
    </>
  )
}
