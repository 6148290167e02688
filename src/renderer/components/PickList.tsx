import type { ReactNode } from 'react'
import { ListBox, ListBoxItem, Text } from 'react-aria-components'

export type PickItem = { id: string; label: string; detail?: string; aside?: ReactNode; lead?: ReactNode }

type PickListProps = {
  label: string
  items: readonly PickItem[]
  selected: string | null
  onSelect: (id: string) => void
}

/** The left panel's list: one is selected, the middle shows it. */
export function PickList({ label, items, selected, onSelect }: PickListProps) {
  return (
    <ListBox
      className="pick-list"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection={selected !== null}
      selectedKeys={selected === null ? [] : [selected]}
      onSelectionChange={(keys) => {
        const [key] = keys === 'all' ? [] : [...keys]
        if (key !== undefined) onSelect(String(key))
      }}
    >
      {items.map(({ id, label: name, detail, aside, lead }) => (
        <ListBoxItem key={id} id={id} textValue={name} className="pick-item">
          {lead}
          <span className="pick-words">
            <Text slot="label" className="pick-label">
              {name}
            </Text>
            {detail ? (
              <Text slot="description" className="pick-detail">
                {detail}
              </Text>
            ) : null}
          </span>
          {aside === undefined ? null : <span className="pick-aside">{aside}</span>}
        </ListBoxItem>
      ))}
    </ListBox>
  )
}
