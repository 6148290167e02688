import { datasetKindIds, datasetKinds } from '../../core/datasets/index.ts'
import { chooseKind, otherOptionsOf } from '../stores/choosing.ts'
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

type DataChoiceFormProps = { choice: DataChoice; onChange: (choice: DataChoice) => void }

/** Where a project's pictures come from, made from what the kinds of data declare. */
export function DataChoiceForm({ choice, onChange }: DataChoiceFormProps) {
  return (
    <div className="data-choice">
      <ChoiceCards
        label="What you have"
        cards={kinds}
        value={choice.kind}
        onChange={(kind) => onChange(chooseKind(choice, kind))}
      />
      <FolderSlots choice={choice} onChange={onChange} />
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
