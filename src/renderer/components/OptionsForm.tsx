import { ChevronRight } from 'lucide-react'
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components'
import type { OptionDescription } from '../../core/options/describe.ts'
import { OptionField } from './OptionField.tsx'

type OptionsFormProps = {
  options: readonly OptionDescription[]
  /** Only what differs from the defaults. */
  values: Readonly<Record<string, unknown>>
  /** `undefined` goes back to the default. */
  onChange: (key: string, value: unknown) => void
  isDisabled?: boolean
  /** All of it behind "All options", also where nothing is simple. */
  isFolded?: boolean
}

/** The form of any declaration: the few that matter on top, the rest under "All options". Nobody writes a form. */
export function OptionsForm({
  options,
  values,
  onChange,
  isDisabled = false,
  isFolded = false,
}: OptionsFormProps) {
  const simple = options.filter(({ level }) => level === 'simple')
  const isSplit = isFolded || simple.length > 0
  const others = isSplit ? options.filter(({ level }) => level !== 'simple') : []
  const changed = others.filter(({ key }) => key in values).length
  const fields = (list: readonly OptionDescription[], detailed: boolean) =>
    list.map((option) => (
      <OptionField
        key={option.key}
        option={option}
        isChanged={option.key in values}
        value={values[option.key] ?? option.defaultValue}
        onChange={(value) => onChange(option.key, value)}
        isDetailed={detailed}
        isDisabled={isDisabled}
      />
    ))
  return (
    <div className="options-form">
      {fields(isSplit ? simple : options, false)}
      {others.length > 0 ? (
        <Disclosure className="disclosure">
          <Heading level={3}>
            <Button slot="trigger" className="disclosure-button">
              <ChevronRight size={16} aria-hidden />
              All options
              {changed > 0 ? <span className="badge">{changed} changed</span> : null}
            </Button>
          </Heading>
          <DisclosurePanel className="disclosure-panel">{fields(others, true)}</DisclosurePanel>
        </Disclosure>
      ) : null}
    </div>
  )
}
