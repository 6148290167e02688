import { FolderOpen, Play, Square, X } from 'lucide-react'
import { useStore } from 'zustand'
import type { FileHandle } from '../../../core/files.ts'
import { Button, IconButton } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { OptionsForm } from '../../components/OptionsForm.tsx'
import { Segments } from '../../components/Segments.tsx'
import { RefusalNote, Section, SkeletonLines } from '../../components/States.tsx'
import { formatAmount, formatCount, formatTimeLeft } from '../../format.ts'
import {
  canGoOn,
  chooseRealFolder,
  chooseSetFolder,
  chooseSourceFolder,
  generateAll,
  generateStore,
  generatorOf,
  modelsForSets,
  needsSource,
  optionsOf,
  walkOptionsOf,
  workOf,
} from '../../stores/generate.ts'
import { isLive, jobsStore, stopJob } from '../../stores/jobs.ts'
import { shellStore, showInFolder } from '../../stores/shell.ts'
import { setOption } from '../../stores/training.ts'
import { translateStore } from '../../stores/translate.ts'
import type { ModelView } from '../../stores/translate.ts'
import { ModelCard } from '../translate/ModelChoice.tsx'

/** Which model makes the set: it decides what else is asked. */
function Model({ model }: { model: ModelView | null }) {
  const shelf = useStore(translateStore)
  if (shelf.models.status === 'loading' || shelf.models.status === 'idle') return <SkeletonLines count={4} />
  if (shelf.models.status === 'failed') return <RefusalNote refusal={shelf.models.refusal} />
  if (!model) return <p className="panel-words">The model that the set is made with is chosen here.</p>
  return (
    <Section title="Model">
      <Choice
        label="Model"
        items={modelsForSets(shelf).map(({ file, header }) => ({
          id: file.id,
          label: header.name,
          detail: file.name,
        }))}
        value={model.file.id}
        onChange={(id) => generateStore.setState({ model: id })}
      />
    </Section>
  )
}

function AboutModel({ model }: { model: ModelView }) {
  const { labels = [] } = model.header.condition ?? {}
  return (
    <Section title="About the model">
      <ModelCard model={model} />
      {labels.length > 0 ? <p className="section-words">Classes: {labels.join(', ')}.</p> : null}
    </Section>
  )
}

const works = [
  { id: 'set', label: 'A set' },
  { id: 'walk', label: 'A walk between two' },
] as const

function SetOptions({ model }: { model: ModelView | null }) {
  const options = useStore(generateStore, (state) => state.options)
  return (
    <OptionsForm
      options={optionsOf(model, options)}
      values={options}
      onChange={(key, value) =>
        generateStore.setState(({ options: before }) => ({ options: setOption(before, key, value) }))
      }
    />
  )
}

function WalkOptions({ model }: { model: ModelView | null }) {
  const walk = useStore(generateStore, (state) => state.walk)
  return (
    <>
      <p className="section-words">
        One picture becomes another, step by step: does the model change smoothly, or jump between what it
        knows?
      </p>
      <OptionsForm
        options={walkOptionsOf(model)}
        values={walk}
        onChange={(key, value) =>
          generateStore.setState(({ walk: before }) => ({ walk: setOption(before, key, value) }))
        }
      />
    </>
  )
}

type FolderChoiceProps = {
  words: string
  folder: FileHandle | null
  action: string
  onChoose: () => void
  onForget: () => void
}

/** What a folder is for, or which it is; it can be chosen, and forgotten. */
function FolderChoice({ words, folder, action, onChoose, onForget }: FolderChoiceProps) {
  return (
    <>
      <p className="section-words">{words}</p>
      <div className="set-folder">
        <Button icon={FolderOpen} wide onPress={onChoose}>
          {action}
        </Button>
        {folder ? <IconButton icon={X} label={`Forget ${folder.name}`} onPress={onForget} /> : null}
      </div>
    </>
  )
}

/** What a model works on that makes no pictures from nothing. */
function SourceFolder() {
  const source = useStore(generateStore, (state) => state.source)
  return (
    <Section title="Pictures to turn">
      <FolderChoice
        words={
          source
            ? `Every picture in ${source.name} is turned; its subfolders are classes.`
            : 'This model turns pictures. Choose a folder of them; its subfolders are classes.'
        }
        folder={source}
        action="Choose pictures to turn"
        onChoose={() => void chooseSourceFolder()}
        onForget={() => generateStore.setState({ source: null })}
      />
    </Section>
  )
}

/** Where the set goes, and which real pictures it must keep away from. */
function Folders({ isSet }: { isSet: boolean }) {
  const { output, real } = useStore(generateStore)
  return (
    <Section title="Folders">
      <FolderChoice
        words={
          output
            ? `Written to ${output.name}.`
            : 'Kept for two weeks. Choose an empty folder to have the set there.'
        }
        folder={output}
        action="Choose where the set goes"
        onChoose={() => void chooseSetFolder()}
        onForget={() => generateStore.setState({ output: null })}
      />
      {isSet ? (
        <FolderChoice
          words={
            real
              ? `What is too close to a picture in ${real.name} is left out; figures are found beside them.`
              : 'Name the training pictures, and what comes too close to one of them is left out.'
          }
          folder={real}
          action="Choose the real pictures"
          onChoose={() => void chooseRealFolder()}
          onForget={() => generateStore.setState({ real: null })}
        />
      ) : null}
    </Section>
  )
}

function Outcome() {
  const { outcome, refusal } = useStore(generateStore)
  if (refusal?.code === 'stopped')
    return (
      <p className="outcome" role="status">
        Stopped before the first picture.
      </p>
    )
  if (refusal) return <RefusalNote refusal={refusal} />
  if (!outcome) return null
  const { made, leftOut, cancelled } = outcome
  const left = [
    [leftOut.alike, 'too alike'],
    [leftOut.known, 'too close to a real one'],
    [leftOut.doubted, 'by the judge’s verdict'],
  ] as const
  const reasons = left.filter(([count]) => count > 0).map(([count, why]) => `${formatCount(count)} ${why}`)
  const parts = [
    `${formatAmount(made, 'picture')} made${cancelled ? ', stopped before the end' : ''}`,
    reasons.length > 0 ? `left out: ${reasons.join(', ')}` : '',
  ]
  return (
    <p className="outcome" role="status">
      {parts.filter(Boolean).join('; ')}.
    </p>
  )
}

function Foot() {
  const state = useStore(generateStore)
  const job = useStore(jobsStore, ({ jobs }) => (state.job === null ? undefined : jobs[state.job]))
  const isReady = useStore(shellStore, ({ engine }) => engine === null || engine.state === 'ready')
  const model = useStore(translateStore, (shelf) => generatorOf(shelf, state))
  const isPlanned = model !== null && (!needsSource(model) || state.source !== null)
  const isBusy = job !== undefined && isLive(job)
  return (
    <div className="panel-foot">
      <Outcome />
      {isBusy ? <p className="plan">{formatTimeLeft(job.secondsLeft)}</p> : null}
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
          variant="primary"
          icon={Play}
          wide
          onPress={() => void generateAll()}
          isDisabled={!isPlanned || state.starting || !isReady}
        >
          {canGoOn(model, state) ? 'Go on' : 'Make pictures'}
        </Button>
      )}
      {state.outcome ? (
        <Button
          icon={FolderOpen}
          wide
          variant="quiet"
          onPress={() => void (state.outcome && showInFolder(state.outcome.output))}
        >
          Show the set in its folder
        </Button>
      ) : null}
    </div>
  )
}

export function GenerateInspector() {
  const state = useStore(generateStore)
  const model = useStore(translateStore, (shelf) => generatorOf(shelf, state))
  const work = workOf(model, state)
  const turns = model !== null && needsSource(model)
  return (
    <>
      <div className="panel-scroll">
        <Model model={model} />
        {turns ? <SourceFolder /> : null}
        <Section title="What is made">
          {model && !turns ? (
            <div className="set-work">
              <Segments
                label="What is made"
                segments={works}
                value={work}
                onChange={(next) => generateStore.setState({ work: next })}
              />
            </div>
          ) : null}
          {work === 'walk' ? <WalkOptions model={model} /> : <SetOptions model={model} />}
        </Section>
        <Folders isSet={work === 'set'} />
        {model ? <AboutModel model={model} /> : null}
      </div>
      <Foot />
    </>
  )
}
