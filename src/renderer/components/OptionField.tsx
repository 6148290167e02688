import { RotateCcw } from 'lucide-react'
import { useId } from 'react'
import { Button, Group, Input, NumberField, Switch, TextField } from 'react-aria-components'
import type { OptionDescription } from '../../core/options/describe.ts'
import { formatSetting } from '../format.ts'
import { IconButton } from './Button.tsx'
import { Choice } from './Choice.tsx'

type OptionFieldProps = {
  option: OptionDescription
  value: unknown
  isChanged: boolean
  isDetailed: boolean
  isDisabled: boolean
  onChange: (value: unknown) => void
}

function defaultWords({ defaultValue, choices, unit, nullable }: OptionDescription): string {
  if (defaultValue === null && nullable) return 'empty'
  const choice = choices.find(({ value }) => value === defaultValue)
  return choice ? choice.label : `${formatSetting(defaultValue)}${unit ? ` ${unit}` : ''}`
}

function rangeWords({ minimum, maximum }: OptionDescription): string {
  if (minimum !== undefined && maximum !== undefined)
    return `${formatSetting(minimum)} to ${formatSetting(maximum)}`
  if (minimum !== undefined) return `at least ${formatSetting(minimum)}`
  return maximum === undefined ? '' : `at most ${formatSetting(maximum)}`
}

/** The field's own term, the default and the range: for those who know what they look for. */
function detailOf(option: OptionDescription): string {
  const range = option.kind === 'number' || option.kind === 'integer' ? rangeWords(option) : ''
  return [`Default ${defaultWords(option)}`, range].filter(Boolean).join(', ')
}

function NumberControl({ option, value, onChange, isDisabled, label, helpId }: ControlProps) {
  const bounds = {
    ...(option.minimum === undefined ? {} : { minValue: option.minimum }),
    ...(option.maximum === undefined ? {} : { maxValue: option.maximum }),
    ...(option.kind === 'integer' ? { step: 1 } : {}),
  }
  return (
    <NumberField
      className="number-field"
      aria-label={label}
      aria-describedby={helpId}
      value={typeof value === 'number' ? value : NaN}
      onChange={(next) => onChange(Number.isNaN(next) ? undefined : next)}
      formatOptions={{ maximumFractionDigits: option.kind === 'integer' ? 0 : 8 }}
      isDisabled={isDisabled}
      {...bounds}
    >
      <Group className="field-box">
        <Input className="field-input" placeholder={option.nullable ? 'Automatic' : ''} />
        {option.unit ? <span className="field-unit">{option.unit}</span> : null}
        <span className="field-steppers">
          <Button slot="increment" aria-label={`More: ${label}`}>
            +
          </Button>
          <Button slot="decrement" aria-label={`Less: ${label}`}>
            −
          </Button>
        </span>
      </Group>
    </NumberField>
  )
}

type ControlProps = Pick<OptionFieldProps, 'option' | 'value' | 'onChange' | 'isDisabled'> & {
  label: string
  helpId: string
}

function Control(props: ControlProps) {
  const { option, value, onChange, isDisabled, label, helpId } = props
  if (option.kind === 'integer' || option.kind === 'number') return <NumberControl {...props} />
  if (option.kind === 'choice')
    return (
      <Choice
        label={label}
        describedBy={helpId}
        items={option.choices.map((choice) => ({ id: choice.value, label: choice.label }))}
        value={String(value)}
        onChange={onChange}
        isDisabled={isDisabled}
      />
    )
  return (
    <TextField
      aria-label={label}
      aria-describedby={helpId}
      value={typeof value === 'string' ? value : ''}
      onChange={onChange}
      isDisabled={isDisabled}
    >
      <Input className="field-box field-input" />
    </TextField>
  )
}

/** One option: its label in plain words with the field's term, its control, its effect, and the way back. */
export function OptionField({
  option,
  value,
  isChanged,
  isDetailed,
  isDisabled,
  onChange,
}: OptionFieldProps) {
  const helpId = useId()
  const isTerm =
    option.term.toLowerCase() !== option.label.toLowerCase() && (isDetailed || option.term !== option.key)
  const term = isTerm ? option.term : ''
  const label = (
    <span className="option-label">
      {option.label}
      {term ? <span className="option-term">{term}</span> : null}
    </span>
  )
  const keep = (next: unknown) => onChange(next === option.defaultValue ? undefined : next)
  return (
    <div className={`option${isChanged ? ' option-changed' : ''}`} data-option={option.key}>
      <div className="option-head">
        {option.kind === 'boolean' ? (
          <Switch
            className="switch"
            aria-label={option.label}
            aria-describedby={helpId}
            isSelected={value === true}
            onChange={keep}
            isDisabled={isDisabled}
          >
            {label}
            <span className="switch-track" />
          </Switch>
        ) : (
          label
        )}
        {isChanged ? (
          <IconButton
            label={`Reset to ${defaultWords(option)}`}
            icon={RotateCcw}
            onPress={() => onChange(undefined)}
            isDisabled={isDisabled}
          />
        ) : null}
      </div>
      {option.kind === 'boolean' ? null : (
        <Control {...{ option, value, isDisabled, helpId }} label={option.label} onChange={keep} />
      )}
      <p className="option-help" id={helpId}>
        {option.help}
        {isDetailed ? <span className="option-detail">{detailOf(option)}</span> : null}
      </p>
    </div>
  )
}
