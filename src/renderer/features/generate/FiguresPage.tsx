import { ChartColumn } from 'lucide-react'
import { useStore } from 'zustand'
import { metrics } from '../../../core/evaluation/metrics.ts'
import type { Measurement } from '../../../core/evaluation/events.ts'
import { sharesInWords, worthInWords } from '../../../core/generation/figures.ts'
import type { Lesson, SetFigures } from '../../../core/generation/figures.ts'
import type { FileHandle } from '../../../core/files.ts'
import { Picture } from '../../components/Picture.tsx'
import { EmptyState, Section } from '../../components/States.tsx'
import { formatAmount, formatCount } from '../../format.ts'
import { generateStore } from '../../stores/generate.ts'
import type { Figures } from '../../stores/generate.ts'
import { Making, SetProgress, useLiveJob } from './SetProgress.tsx'
import { betterWords, figureWords, sureWords } from '../compare/measureWords.ts'

const parts = {
  looks: 'Comparing the looks',
  neighbours: 'Looking for the nearest training pictures',
  worth: 'Training classifiers',
} as const
const learnedFrom: Record<Lesson['from'], string> = { real: 'Real', made: 'Made', both: 'Both' }
const splitWords = { test: 'test', val: 'validation', train: 'training' } as const

function Looks({ figures: { scores, real } }: { figures: SetFigures }) {
  return (
    <Section title="How they look">
      <p className="section-words">
        Beside {formatAmount(real.compared, `real ${splitWords[real.split]} picture`)}.
      </p>
      <table className="figure-table">
        <tbody>
          {scores.map((one) => (
            <tr key={one.metric}>
              <th scope="row" title={metrics[one.metric].help}>
                {metrics[one.metric].label}
                <span className="figure-aside">
                  {metrics[one.metric].term}, {betterWords[metrics[one.metric].better]}
                </span>
              </th>
              <Measured one={one} />
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function Measured({ one }: { one: Measurement }) {
  if (one.value === null) return <td className="figure-untold">{one.note ?? 'not told'}</td>
  return (
    <td title={one.note ?? undefined}>
      {figureWords(one.metric, one.value)}
      <span className="figure-aside">{sureWords(one)}</span>
    </td>
  )
}

function ClassLooks({ figures: { byClass } }: { figures: SetFigures }) {
  if (byClass.length === 0) return null
  return (
    <Section title="How they look, class by class">
      <table className="figure-table">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">{metrics.precision.label}</th>
            <th scope="col">{metrics.recall.label}</th>
          </tr>
        </thead>
        <tbody>
          {byClass.map(({ label, scores }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {scores.map((one) => (
                <Measured key={one.metric} one={one} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

/** A bar for each class: real pictures, and the made ones on top of them. */
function Balance({ figures: { balance } }: { figures: SetFigures }) {
  if (balance.length === 0) return null
  const most = Math.max(1, ...balance.map(({ real, made }) => real + made))
  const width = (count: number) => ({ width: `${(100 * count) / most}%` })
  return (
    <Section title="Balance">
      <p className="section-words balance-key">
        <span className="balance-real" /> real <span className="balance-made" /> made
      </p>
      <ul className="balance">
        {balance.map(({ label, real, made }) => (
          <li key={label}>
            <span className="balance-label" title={label}>
              {label}
            </span>
            <span className="balance-bar" aria-hidden>
              <span className="balance-real" style={width(real)} />
              <span className="balance-made" style={width(made)} />
            </span>
            <span className="balance-count">
              {formatCount(real)} + {formatCount(made)}
              <span className="visually-hidden"> real and made pictures</span>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Worth({ figures: { worth, worthNote } }: { figures: SetFigures }) {
  if (!worth)
    return (
      <Section title="What it is worth for training">
        <p className="section-words">Not told: {worthNote}</p>
      </Section>
    )
  const { lessons, classes, steps, seeds } = worth
  return (
    <Section title="What it is worth for training">
      <p className="section-words">{worthInWords(worth)}</p>
      <table className="figure-table">
        <thead>
          <tr>
            <th scope="col">Named rightly after learning from</th>
            {lessons.map(({ from, pictures }) => (
              <th scope="col" key={from}>
                {learnedFrom[from]}
                <span className="figure-aside">{formatAmount(pictures, 'picture')}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">All classes</th>
            {lessons.map(({ from, accuracy }) => (
              <td key={from}>{sharesInWords(accuracy)}</td>
            ))}
          </tr>
          {classes.map((name, label) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {lessons.map(({ from, recall }) => (
                <td key={from}>{sharesInWords(recall[label] ?? [])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="section-words">
        {formatCount(steps)} steps each, seeds {seeds.join(', ')}: mean, and least to most.
      </p>
    </Section>
  )
}

function Closest({ figures, gallery }: { figures: SetFigures; gallery: FileHandle }) {
  const { nearest, real } = figures
  return (
    <Section title="Nearest training pictures">
      <p className="section-words">
        Made on the left, the nearest of {formatAmount(real.train, 'real picture')} on the right, the closest
        first; below, the mean difference of brightness, of 1. At least {nearest.least.toFixed(4)}, in the
        median {nearest.median.toFixed(4)}. Look whether any is a copy.
      </p>
      <div className="closest">
        <Picture
          file={gallery}
          alt="The made pictures that are closest to a training picture, each beside it"
          sidePx={1024}
          fit="contain"
        />
      </div>
    </Section>
  )
}

function Waiting({ figures }: { figures: Exclude<Figures, { state: 'found' }> }) {
  const job = useLiveJob()
  if (figures.state === 'finding') {
    const { part, done, total } = figures.progress
    const unit = part === 'worth' ? 'trainings' : 'pictures'
    return (
      <SetProgress
        title={parts[part]}
        done={done}
        total={total}
        unit={unit}
        secondsLeft={job?.secondsLeft ?? null}
      />
    )
  }
  if (figures.state === 'skipped')
    return (
      <EmptyState icon={ChartColumn} title="No figures of this set">
        {figures.reason}
      </EmptyState>
    )
  if (job) return <Making job={job} />
  return (
    <EmptyState icon={ChartColumn} title="No figures yet">
      When a set is whole it is compared with real pictures: how it looks, what is closest to a training
      picture, and what it is worth for training.
    </EmptyState>
  )
}

/** What was found of the set that was made. */
export function FiguresPage() {
  const found = useStore(generateStore, (state) => state.figures)
  if (found.state !== 'found') return <Waiting figures={found} />
  const { figures, gallery } = found
  return (
    <div className="figures-page" role="region" aria-label="Figures of the set" tabIndex={0}>
      <Worth figures={figures} />
      <Looks figures={figures} />
      <Balance figures={figures} />
      <ClassLooks figures={figures} />
      <Closest figures={figures} gallery={gallery} />
    </div>
  )
}
