import { datasetKindIds, datasetKinds } from '../../core/datasets/index.ts'
import { presetIds, presets } from '../../core/presets/index.ts'
import { chooseKind, choosePreset, otherOptionsOf } from '../stores/choosing.ts'
import type { DataChoice } from '../stores/choosing.ts'
import { setOption } from '../stores/training.ts'
import { ChoiceCards } from './ChoiceCards.tsx'
import { FolderSlots } from './FolderSlots.tsx'
import { OptionsForm } from './OptionsForm.tsx'

const kinds = datasetKindIds.map((id) => ({
  id,
  title: datasetKinds[id].shortLabel,
  words: datasetKinds[id].summary,
}))

/** A preset, or the person's own mix of what is done to the pictures. */
const OWN = 'own'
const wishes = [
  ...presetIds.map((id) => ({ id, title: presets[id].label, words: presets[id].summary })),
  {
    id: OWN,
    title: 'Something else',
    words: 'Choose yourself, under All options, what is done to the pictures.',
  },
] as const

type DataChoiceFormProps = { choice: DataChoice; onChange: (choice: DataChoice) => void }

/** One folder begins with the first thing that can be done with it. */
function kindChosen(choice: DataChoice, kind: DataChoice['kind']): DataChoice {
  return kind === 'derived-pairs' ? choosePreset(choice, presetIds[0] ?? null) : chooseKind(choice, kind)
}

/** Where a project's pictures come from, made from what the kinds of data declare. */
export function DataChoiceForm({ choice, onChange }: DataChoiceFormProps) {
  return (
    <div className="data-choice">
      <ChoiceCards
        label="What you have"
        cards={kinds}
        value={choice.kind}
        onChange={(kind) => onChange(kindChosen(choice, kind))}
      />
      {choice.kind === 'derived-pairs' ? (
        <>
          <p className="data-choice-label">What should the model do with pictures like yours?</p>
          <ChoiceCards
            label="What the model should do"
            cards={wishes}
            value={choice.preset ?? OWN}
            onChange={(id) => onChange(choosePreset(choice, id === OWN ? null : id))}
          />
        </>
      ) : null}
      <FolderSlots
        choice={choice}
        onChange={onChange}
        {...(choice.preset ? { onlyLabel: presets[choice.preset].folderLabel } : {})}
      />
      <OptionsForm
        key={choice.kind}
        isFolded
        options={otherOptionsOf(choice.kind)}
        values={choice.options}
        onChange={(key, value) => onChange({ ...choice, options: setOption(choice.options, key, value) })}
      />
    </div>
  )
}
