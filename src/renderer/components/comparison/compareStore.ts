import { createStore } from 'zustand/vanilla'

export const compareModes = ['slider', 'side', 'flicker', 'difference'] as const
export type CompareMode = (typeof compareModes)[number]
export type Shown = 'both' | 'before' | 'after'

/** How pictures are compared stays the same from picture to picture and from place to place. */
type CompareState = {
  mode: CompareMode
  /** Where the slider stands, 0 to 1 of the stage. */
  split: number
  /** One of the two alone, over the whole stage. */
  shown: Shown
  /** How much a difference is brightened. */
  gain: number
  flickers: boolean
}

export const compareStore = createStore<CompareState>(() => ({
  mode: 'slider',
  split: 0.5,
  shown: 'both',
  gain: 4,
  flickers: true,
}))

/** Space: before, after, before, ... */
export function nextShown(shown: Shown): Shown {
  return shown === 'before' ? 'after' : 'before'
}

export function setMode(mode: CompareMode): void {
  compareStore.setState({ mode, shown: mode === 'flicker' ? 'before' : 'both', flickers: mode === 'flicker' })
}

export function setSplit(split: number): void {
  compareStore.setState({ split: Math.min(1, Math.max(0, split)), shown: 'both' })
}

/** Turns over to the other picture by hand; a flicker that was running stands still then. */
export function turnOver(): void {
  compareStore.setState(({ shown }) => ({ shown: nextShown(shown), flickers: false }))
}

export function flicker(): void {
  compareStore.setState(({ shown }) => ({ shown: nextShown(shown) }))
}
