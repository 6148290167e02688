import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button as AriaButton, ToggleButton, Tooltip, TooltipTrigger } from 'react-aria-components'

type ButtonProps = {
  children: ReactNode
  onPress: () => void
  variant?: 'primary' | 'secondary' | 'quiet' | 'danger'
  icon?: LucideIcon
  isDisabled?: boolean
  wide?: boolean
  label?: string
}

/** A button says what it does with a verb. */
export function Button({
  children,
  onPress,
  variant = 'secondary',
  icon: Icon,
  wide,
  label,
  ...rest
}: ButtonProps) {
  return (
    <AriaButton
      className={`button button-${variant}${wide ? ' button-wide' : ''}`}
      onPress={onPress}
      {...(label ? { 'aria-label': label } : {})}
      {...rest}
    >
      {Icon ? <Icon size={16} aria-hidden /> : null}
      <span className="button-text">{children}</span>
    </AriaButton>
  )
}

type IconButtonProps = {
  label: string
  icon: LucideIcon
  onPress: () => void
  isDisabled?: boolean
  /** The key that does the same, shown in the tooltip. */
  keys?: string
}

export function IconButton({ label, icon: Icon, onPress, isDisabled = false, keys }: IconButtonProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      <AriaButton className="icon-button" aria-label={label} onPress={onPress} isDisabled={isDisabled}>
        <Icon size={16} aria-hidden />
      </AriaButton>
      <Hint label={label} {...(keys ? { keys } : {})} />
    </TooltipTrigger>
  )
}

type IconToggleProps = Omit<IconButtonProps, 'onPress'> & {
  isSelected: boolean
  onChange: (on: boolean) => void
}

export function IconToggle({ label, icon: Icon, isSelected, onChange, keys }: IconToggleProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      <ToggleButton className="icon-button" aria-label={label} isSelected={isSelected} onChange={onChange}>
        <Icon size={16} aria-hidden />
      </ToggleButton>
      <Hint label={label} {...(keys ? { keys } : {})} />
    </TooltipTrigger>
  )
}

function Hint({ label, keys }: { label: string; keys?: string }) {
  return (
    <Tooltip className="tooltip" offset={6}>
      {label}
      {keys ? <kbd>{keys}</kbd> : null}
    </Tooltip>
  )
}
