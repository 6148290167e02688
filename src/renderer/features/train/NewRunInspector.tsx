import { Play } from 'lucide-react'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { describeOptions } from '../../../core/options/describe.ts'
import { parseOptions } from '../../../core/options/parse.ts'
import { recipes } from '../../../core/recipes/index.ts'
import type { RecipeId } from '../../../core/recipes/index.ts'
import { totalSteps } from '../../../core/training/schedule.ts'
import { Button } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { OptionsForm } from '../../components/OptionsForm.tsx'
import { Section } from '../../components/States.tsx'
import { formatAmount } from '../../format.ts'
import { recipesFor } from '../../stores/choosing.ts'
import { dataStore, entryWord } from '../../stores/data.ts'
import { valueOf } from '../../stores/loadable.ts'
import { runsStore, startRun } from '../../stores/runs.ts'
import { shellStore } from '../../stores/shell.ts'
import type { ProjectView } from '../../stores/shell.ts'
import { changeRecipe, resetTraining, setTrainingOption, trainingStore } from '../../stores/training.ts'
import { DeviceNote } from './DeviceNote.tsx'
import { Planner } from './Planner.tsx'
import { SweepForm } from './sweep/SweepForm.tsx'

function Presets({ project }: { project: ProjectView }) {
  const preset = useStore(trainingStore, (state) => state.preset)
  const { presets, training } = project.project
  const entries = Object.entries(presets)
  if (entries.length === 0) return null
  const choose = (id: string) => {
    const chosen = presets[id]
    resetTraining(chosen ? { recipe: chosen.recipe, options: chosen.options } : training, chosen ? id : '')
  }
  return (
    <Section title="Settings of this project">
      <Choice
        label="Settings of this project"
        items={[
          { id: 'own', label: 'As the project trains' },
          ...entries.map(([id, { label }]) => ({ id, label })),
        ]}
        value={preset || 'own'}
        onChange={choose}
      />
    </Section>
  )
}

/** Recipes that can learn from the project's kind of data. */
function RecipeChoice({ recipe, project }: { recipe: RecipeId; project: ProjectView }) {
  const summary = <p className="section-words">{recipes[recipe].summary}</p>
  const fitting = recipesFor(project.project.dataset?.kind ?? null)
  if (fitting.length < 2 && fitting.includes(recipe)) return summary
  return (
    <>
      <Choice
        label="Recipe"
        items={fitting.map((id) => ({ id, label: recipes[id].label }))}
        value={recipe}
        onChange={(id) => {
          const chosen = fitting.find((known) => known === id)
          if (chosen) changeRecipe(chosen)
        }}
      />
      {summary}
    </>
  )
}

/** What will be done, in a sentence; or what is wrong with the settings. */
function usePlan(): { words: string; isLegal: boolean; pairs: number } {
  const { recipe, options } = useStore(trainingStore)
  const report = useStore(dataStore, (state) => valueOf(state.report))
  return useMemo(() => {
    const pairs = report?.counts.train ?? 0
    const word = report ? entryWord(report) : 'pair'
    try {
      const parsed = parseOptions(recipes[recipe].options, options)
      const steps = totalSteps(parsed, pairs)
      const words =
        pairs > 0 ? `${formatAmount(steps, 'step')} over ${formatAmount(pairs, `training ${word}`)}` : ''
      return { words, isLegal: true, pairs }
    } catch (error) {
      return { words: error instanceof Error ? error.message : String(error), isLegal: false, pairs }
    }
  }, [recipe, options, report])
}

/** The recipe's form, made from its declaration. */
export function NewRunInspector() {
  const project = useStore(shellStore, (state) => state.project)
  const starting = useStore(runsStore, (state) => state.starting)
  const isReady = useStore(shellStore, ({ engine }) => engine === null || engine.state === 'ready')
  const report = useStore(dataStore, (state) => state.report)
  const { recipe, options } = useStore(trainingStore)
  const described = useMemo(() => describeOptions(recipes[recipe].options), [recipe])
  const plan = usePlan()
  const training = useMemo(() => ({ recipe, options: { ...options } }), [recipe, options])
  if (!project) return null
  const noPairs = report.status === 'ready' && plan.pairs === 0
  return (
    <>
      <div className="panel-scroll">
        <Section title={recipes[recipe].label}>
          <RecipeChoice recipe={recipe} project={project} />
        </Section>
        <Presets project={project} />
        <Section title="Settings">
          <OptionsForm options={described} values={options} onChange={setTrainingOption} />
        </Section>
        <Planner training={training} canMeasure={plan.isLegal && plan.pairs > 0} />
        {plan.isLegal && plan.pairs > 0 ? <SweepForm training={training} pairs={plan.pairs} /> : null}
      </div>
      <div className="panel-foot">
        <DeviceNote />
        <p className={plan.isLegal ? 'plan' : 'plan plan-wrong'}>
          {noPairs ? 'There are no pictures to train on yet.' : plan.words}
        </p>
        <Button
          variant="primary"
          icon={Play}
          wide
          onPress={() => void startRun(project.folder, { recipe, options: { ...options } })}
          isDisabled={starting || !plan.isLegal || noPairs || !isReady}
        >
          Start training
        </Button>
      </div>
    </>
  )
}
