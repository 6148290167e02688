import { useLayoutEffect, useState } from 'react'
import type { RefObject } from 'react'

export type BoxSize = { widthPx: number; heightPx: number }

/** The size of an element's content box, as it changes; null before it is laid out. */
export function useSize(ref: RefObject<HTMLElement | null>): BoxSize | null {
  const [size, setSize] = useState<BoxSize | null>(null)
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return undefined
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ widthPx: entry.contentRect.width, heightPx: entry.contentRect.height })
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return size
}
