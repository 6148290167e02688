import { Dices, Images, Route, Sparkles } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { CellGrid } from '../../components/CellGrid.tsx'
import type { Cell } from '../../components/CellGrid.tsx'
import { Segments } from '../../components/Segments.tsx'
import { PickList } from '../../components/PickList.tsx'
import { Picture } from '../../components/Picture.tsx'
import { EmptyState, Section } from '../../components/States.tsx'
import { MiddleBar, Workspace } from '../../components/Workspace.tsx'
import { formatAmount, formatCount } from '../../format.ts'
import { chooseSourceFolder, generateStore, generatorOf, needsSource, workOf } from '../../stores/generate.ts'
import type { MadePicture } from '../../stores/generate.ts'
import { goTo, shellStore } from '../../stores/shell.ts'
import { listModels, translateStore } from '../../stores/translate.ts'
import { FiguresPage } from './FiguresPage.tsx'
import { GenerateInspector } from './GenerateInspector.tsx'
import { Making, useLiveJob } from './SetProgress.tsx'

const shape = { leastPx: 96, heightShare: 1 }
const ALL = 'all classes'
const pages = [
  { id: 'pictures', label: 'Pictures' },
  { id: 'figures', label: 'Figures' },
] as const

function cellOf({ file, label }: MadePicture): Cell {
  return {
    key: file.id,
    label: [file.name, label ?? ''].filter(Boolean).join(', '),
    content: (
      <>
        <span className="cell-pictures">
          <Picture file={file} alt="" sidePx={192} />
        </span>
        <span className="cell-caption">
          <span className="cell-name" title={label ?? file.name}>
            {label ?? file.name}
          </span>
        </span>
      </>
    ),
  }
}

/** What has been made so far, by class. */
function Classes() {
  const made = useStore(generateStore, (state) => state.made)
  const label = useStore(generateStore, (state) => state.label)
  const counts = useMemo(() => {
    const all = new Map<string, number>()
    for (const picture of made)
      if (picture.label !== null) all.set(picture.label, (all.get(picture.label) ?? 0) + 1)
    return [...all].sort(([x], [y]) => x.localeCompare(y))
  }, [made])
  if (made.length === 0) return <p className="panel-words">What is made is counted here, class by class.</p>
  return (
    <div className="panel-scroll">
      <Section title="Made so far">
        <PickList
          label="Which class"
          items={[
            { id: ALL, label: 'All', aside: formatCount(made.length) },
            ...counts.map(([name, count]) => ({ id: name, label: name, aside: formatCount(count) })),
          ]}
          selected={label ?? ALL}
          onSelect={(id) => generateStore.setState({ label: id === ALL ? null : id, selected: -1 })}
        />
      </Section>
    </div>
  )
}

function Nothing() {
  const { model: chosen, source, work } = useStore(generateStore)
  const model = useStore(translateStore, (state) => generatorOf(state, { model: chosen }))
  if (model && needsSource(model))
    return (
      <EmptyState
        icon={Images}
        title="Nothing made yet"
        action={
          source ? null : <Button onPress={() => void chooseSourceFolder()}>Choose pictures to turn</Button>
        }
      >
        {source
          ? `Every picture in ${source.name} is turned when you press Make pictures.`
          : 'This model turns pictures. Choose a folder of them, and a whole set is made of it, with its labels.'}
      </EmptyState>
    )
  if (model && work === 'walk')
    return (
      <EmptyState icon={Route} title="Nothing made yet">
        Name two pictures by their numbers and press Make pictures: the way from one to the other is made,
        class by class.
      </EmptyState>
    )
  if (model)
    return (
      <EmptyState icon={Dices} title="Nothing made yet">
        Choose how many pictures, of which classes, and press Make pictures. The same seed makes the same set
        again.
      </EmptyState>
    )
  return (
    <EmptyState
      icon={Sparkles}
      title="No model that makes a set"
      action={<Button onPress={() => goTo('train')}>Go to Train</Button>}
    >
      Train one of the recipes GAN, Conditional GAN, WGAN or WGAN-GP on a folder of pictures, and a whole new
      data set is made here, with labels. Or train a model that turns pictures, and it is made of a folder of
      yours.
    </EmptyState>
  )
}

/** A whole data set from a model: how many, of which classes, and what came out. */
export function GenerateView() {
  const project = useStore(shellStore, (state) => state.project)
  const { made, before, label, selected, model, work: chosen, shown: page } = useStore(generateStore)
  const work = useStore(translateStore, (shelf) => workOf(generatorOf(shelf, { model }), { work: chosen }))
  const isOfFigures = work === 'set' && page === 'figures'
  const job = useLiveJob()
  useEffect(() => void listModels(project?.folder ?? null), [project])
  const shown = useMemo(
    () => (label === null ? made : made.filter((one) => one.label === label)),
    [made, label],
  )
  return (
    <Workspace
      title="Generate"
      leftLabel="Classes"
      left={<Classes />}
      rightLabel="Inspector"
      right={<GenerateInspector />}
    >
      <MiddleBar>
        {work === 'set' ? (
          <Segments
            label="What is shown"
            segments={pages}
            value={page}
            onChange={(next) => generateStore.setState({ shown: next })}
          />
        ) : null}
        {made.length > 0 && !isOfFigures ? (
          <span className="bar-note">{formatAmount(shown.length, 'picture')}</span>
        ) : null}
        {before > 0 ? (
          <span className="bar-note">{formatCount(before)} made earlier lie in the folder</span>
        ) : null}
      </MiddleBar>
      <div className="middle-content">
        {isOfFigures ? (
          <FiguresPage />
        ) : shown.length > 0 ? (
          <CellGrid
            label="Made pictures"
            items={shown}
            shape={shape}
            selected={selected}
            cellOf={cellOf}
            onSelect={(picture) => generateStore.setState({ selected: shown.indexOf(picture) })}
            onOpen={() => undefined}
          />
        ) : job ? (
          <Making job={job} />
        ) : (
          <Nothing />
        )}
      </div>
    </Workspace>
  )
}
