import { PanelLeft, PanelRight } from 'lucide-react'
import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react'
import { useStore } from 'zustand'
import { setPanel, shellStore } from '../stores/shell.ts'
import { IconButton } from './Button.tsx'
import { useKeys } from './useKeys.ts'

type Side = 'left' | 'right'
const limits = { left: { least: 180, most: 420, usual: 232 }, right: { least: 240, most: 520, usual: 304 } }

function usePanel(side: Side) {
  const widthPx = useStore(shellStore, ({ settings }) => settings.panels[side] ?? limits[side].usual)
  const isHidden = useStore(shellStore, ({ settings }) => settings.panels[`${side}Hidden`] === 1)
  return { widthPx, isHidden }
}

function togglePanel(side: Side): void {
  setPanel(`${side}Hidden`, shellStore.getState().settings.panels[`${side}Hidden`] === 1 ? 0 : 1)
}

function Divider({ side, widthPx }: { side: Side; widthPx: number }) {
  const { least, most } = limits[side]
  const from = useRef<{ xPx: number; widthPx: number } | null>(null)
  const set = (next: number) => setPanel(side, Math.round(Math.min(most, Math.max(least, next))))
  const grows = side === 'left' ? 1 : -1
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 16, ArrowLeft: -16 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    set(widthPx + by * grows)
  }
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    from.current = { xPx: event.clientX, widthPx }
  }
  const onPointerMove = (event: PointerEvent) => {
    if (from.current) set(from.current.widthPx + (event.clientX - from.current.xPx) * grows)
  }
  return (
    <div
      className={`panel-divider panel-divider-${side}`}
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of the ${side} panel`}
      aria-valuenow={widthPx}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => (from.current = null)}
      onDoubleClick={() => set(limits[side].usual)}
    />
  )
}

type WorkspaceProps = {
  title: string
  left: ReactNode
  leftLabel: string
  right: ReactNode
  rightLabel: string
  children: ReactNode
}

/** Left the list, in the middle the pictures, right the inspector: the same shape in every place. */
export function Workspace({ title, left, leftLabel, right, rightLabel, children }: WorkspaceProps) {
  const leftPanel = usePanel('left')
  const rightPanel = usePanel('right')
  useKeys({ '[': () => togglePanel('left'), ']': () => togglePanel('right') })
  return (
    <div className="workspace">
      {leftPanel.isHidden ? null : (
        <aside className="panel panel-left" style={{ width: leftPanel.widthPx }} aria-label={leftLabel}>
          {left}
          <Divider side="left" widthPx={leftPanel.widthPx} />
        </aside>
      )}
      <main className="middle">
        <h1 className="visually-hidden">{title}</h1>
        {children}
      </main>
      {rightPanel.isHidden ? null : (
        <aside className="panel panel-right" style={{ width: rightPanel.widthPx }} aria-label={rightLabel}>
          <Divider side="right" widthPx={rightPanel.widthPx} />
          {right}
        </aside>
      )}
    </div>
  )
}

/** The bar above the pictures, with the two panels' switches at its ends. */
export function MiddleBar({ children }: { children: ReactNode }) {
  return (
    <div className="middle-bar">
      <IconButton
        label="Show or hide the list"
        icon={PanelLeft}
        keys="["
        onPress={() => togglePanel('left')}
      />
      <div className="middle-bar-content">{children}</div>
      <IconButton
        label="Show or hide the inspector"
        icon={PanelRight}
        keys="]"
        onPress={() => togglePanel('right')}
      />
    </div>
  )
}
