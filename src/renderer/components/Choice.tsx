import { Check, ChevronDown } from 'lucide-react'
import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue, Text } from 'react-aria-components'

export type ChoiceItem = { id: string; label: string; detail?: string }

type ChoiceProps = {
  label: string
  items: readonly ChoiceItem[]
  value: string
  onChange: (id: string) => void
  isDisabled?: boolean
  describedBy?: string
}

/** One of a few, or of many: a list that opens below its value. The label is given by what stands around it. */
export function Choice({ label, items, value, onChange, isDisabled = false, describedBy }: ChoiceProps) {
  return (
    <Select
      className="choice"
      aria-label={label}
      {...(describedBy ? { 'aria-describedby': describedBy } : {})}
      selectedKey={value}
      onSelectionChange={(key) => {
        if (key !== null) onChange(String(key))
      }}
      isDisabled={isDisabled}
    >
      <Button className="choice-button">
        <SelectValue className="choice-value">{({ selectedText }) => selectedText ?? 'Choose'}</SelectValue>
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Popover className="popover" offset={4}>
        <ListBox className="menu">
          {items.map((item) => (
            <ListBoxItem key={item.id} id={item.id} textValue={item.label} className="menu-item">
              <Check size={16} aria-hidden className="menu-check" />
              <span className="menu-words">
                <Text slot="label">{item.label}</Text>
                {item.detail ? (
                  <Text slot="description" className="menu-detail">
                    {item.detail}
                  </Text>
                ) : null}
              </span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  )
}
