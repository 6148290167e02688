import type { LucideIcon } from 'lucide-react'
import { ToggleButton, ToggleButtonGroup, Tooltip, TooltipTrigger } from 'react-aria-components'

export type Segment<Id extends string> = { id: Id; label: string; icon?: LucideIcon; keys?: string }

type SegmentsProps<Id extends string> = {
  label: string
  segments: readonly Segment<Id>[]
  value: Id
  onChange: (id: Id) => void
}

/** One of a few, all in sight. With an icon the label becomes the tooltip. */
export function Segments<Id extends string>({ label, segments, value, onChange }: SegmentsProps<Id>) {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = segments.find(({ id }) => keys.has(id))
        if (chosen) onChange(chosen.id)
      }}
    >
      {segments.map(({ id, label: name, icon: Icon, keys }) => (
        <TooltipTrigger key={id} delay={500} closeDelay={0} isDisabled={!Icon}>
          <ToggleButton id={id} className="segment" {...(Icon ? { 'aria-label': name } : {})}>
            {Icon ? <Icon size={16} aria-hidden /> : name}
          </ToggleButton>
          <Tooltip className="tooltip" offset={6}>
            {name}
            {keys ? <kbd>{keys}</kbd> : null}
          </Tooltip>
        </TooltipTrigger>
      ))}
    </ToggleButtonGroup>
  )
}
