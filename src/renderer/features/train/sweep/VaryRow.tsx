import { X } from 'lucide-react'
import { Input, TextField, ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import type { OptionDescription } from '../../../../core/options/describe.ts'
import type { TrainingSettings } from '../../../../core/project/project.ts'
import { IconButton } from '../../../components/Button.tsx'
import { Choice } from '../../../components/Choice.tsx'
import { changeRow, newRow } from '../../../stores/sweepForm.ts'
import type { VaryRow as Row } from '../../../stores/sweepForm.ts'

function choicesOf({ kind, choices }: OptionDescription): { value: string; label: string }[] {
  if (kind !== 'boolean') return [...choices]
  return [
    { value: 'true', label: 'On' },
    { value: 'false', label: 'Off' },
  ]
}

type ValuesProps = { option: OptionDescription; text: string; onChange: (text: string) => void }

/** Some of a few, all in sight. */
function ToggledValues({ option, text, onChange }: ValuesProps) {
  const choices = choicesOf(option)
  return (
    <ToggleButtonGroup
      className="vary-toggles"
      aria-label={`Values of ${option.label}`}
      selectionMode="multiple"
      selectedKeys={text.split(',').filter(Boolean)}
      onSelectionChange={(keys) =>
        onChange(
          choices
            .map(({ value }) => value)
            .filter((value) => keys.has(value))
            .join(','),
        )
      }
    >
      {choices.map(({ value, label }) => (
        <ToggleButton key={value} id={value} className="vary-toggle">
          {label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  )
}

function TypedValues({ option, text, onChange }: ValuesProps) {
  return (
    <TextField aria-label={`Values of ${option.label}, separated by commas`} value={text} onChange={onChange}>
      <Input className="field-box field-input" placeholder="Values, separated by commas" />
    </TextField>
  )
}

type VaryRowProps = {
  index: number
  row: Row
  training: TrainingSettings
  options: readonly OptionDescription[]
  /** Varied by other rows. */
  taken: readonly string[]
}

/** One option that is varied, and the values to try. */
export function VaryRow({ index, row, training, options, taken }: VaryRowProps) {
  const option = options.find(({ key }) => key === row.option)
  if (!option) return null
  const free = options.filter(({ key }) => key === row.option || !taken.includes(key))
  const Values = choicesOf(option).length > 0 ? ToggledValues : TypedValues
  return (
    <div className="vary-row" role="group" aria-label={`Vary ${option.label}`}>
      <div className="vary-head">
        <Choice
          label="Option to vary"
          items={free.map(({ key, label }) => ({ id: key, label }))}
          value={row.option}
          onChange={(key) => changeRow(index, newRow(training, key))}
        />
        <IconButton label={`Do not vary ${option.label}`} icon={X} onPress={() => changeRow(index, null)} />
      </div>
      <Values option={option} text={row.text} onChange={(text) => changeRow(index, { ...row, text })} />
    </div>
  )
}
