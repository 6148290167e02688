import { useEffect, useRef } from 'react'

/** Controls that need their own keys: letters go to fields, arrows to lists and sliders, Space to buttons. */
const TYPING = 'input, textarea, select, [contenteditable="true"]'
const ARROWS =
  '[role="slider"], [role="listbox"], [role="radiogroup"], [role="separator"], [role="menu"], [role="toolbar"]'
const PRESSING = 'button, a, [role="button"], [role="switch"], [role="checkbox"], [role="radio"], summary'

function belongsTo(target: Element, key: string): boolean {
  if (target.closest(TYPING) && !target.matches('input[type="range"], input[type="checkbox"]')) return true
  if (target.closest('[role="dialog"]')) return true
  if (key.startsWith('Arrow')) return target.closest(ARROWS) !== null || target.matches('input')
  if (key === ' ' || key === 'Enter') return target.closest(PRESSING) !== null || target.matches('input')
  return false
}

/** Keys of the window, by `event.key`; a handler is not asked while the focused control needs the key itself. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const handler = latest.current[event.key]
      if (!handler || (event.target instanceof Element && belongsTo(event.target, event.key))) return
      event.preventDefault()
      handler()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}
