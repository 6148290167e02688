import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { Choice } from '../../components/Choice.tsx'
import { Facts, RefusalNote, Section, SkeletonLines } from '../../components/States.tsx'
import { formatAmount, formatBytes, formatScore } from '../../format.ts'
import { shellStore } from '../../stores/shell.ts'
import { chooseModel, chosenModel, listModels, modelsFor, translateStore } from '../../stores/translate.ts'
import type { ModelView } from '../../stores/translate.ts'

/** What generates, or translates by labels, learned from pictures without partners. */
function isFromPairs({ header: { task, condition } }: ModelView): boolean {
  return task !== 'generate' && (condition?.labels.length ?? 0) === 0
}

/** What a person should know of a model before using it. */
export function ModelCard({ model }: { model: ModelView }) {
  const { card, training, trainedSizePx } = model.header
  const facts: [string, string][] = [
    ['Good for', card.goodFor],
    ['Limits', card.limits],
    ...(training
      ? ([
          [
            'Trained',
            `${formatAmount(training.atStep, 'step')} on ${formatAmount(training.pairs, isFromPairs(model) ? 'pair' : 'picture')}`,
          ],
          [
            'Validation L1',
            training.validationL1 === null ? 'not scored' : formatScore(training.validationL1),
          ],
        ] satisfies [string, string][])
      : []),
    ...(trainedSizePx === null ? [] : ([['Trained at', `${trainedSizePx} px`]] satisfies [string, string][])),
    ['Source', card.source],
    ['Licence', card.licence],
    ['File', `${model.file.name}, ${formatBytes(model.bytes)}`],
  ]
  return (
    <>
      <p className="section-words">{card.summary}</p>
      <Facts inWords facts={facts.filter(([, value]) => value !== '')} />
    </>
  )
}

/** Which model, and what a person should know before using it. */
export function ModelChoice() {
  const state = useStore(translateStore)
  const project = useStore(shellStore, (shell) => shell.project)
  const model = chosenModel(state)
  const { models } = state
  return (
    <Section title="Model">
      {models.status === 'failed' ? (
        <RefusalNote
          refusal={models.refusal}
          action={
            <Button onPress={() => void listModels(project?.folder ?? null)}>Read the models again</Button>
          }
        />
      ) : null}
      {models.status === 'loading' || models.status === 'idle' ? <SkeletonLines count={4} /> : null}
      {models.status === 'ready' && !model ? (
        <p className="section-words">No model is here yet. Train one, and it appears in this list.</p>
      ) : null}
      {models.status === 'ready' && model ? (
        <>
          <Choice
            label="Model"
            items={modelsFor('translate', state).map(({ file, header, origin }) => ({
              id: file.id,
              label: header.name,
              detail:
                origin === 'starter'
                  ? `Comes with Diptych. ${header.card.goodFor}`
                  : 'Trained in this project',
            }))}
            value={model.file.id}
            onChange={chooseModel}
          />
          <ModelCard model={model} />
        </>
      ) : null}
    </Section>
  )
}
