import { useEffect, useRef, useState } from 'react'
import type { PointerEvent, RefObject } from 'react'
import { actualView, fitView, panBy, zoomAt } from './geometry.ts'
import type { Point, Size, View } from './geometry.ts'

const KEY_ZOOM = 1.25

/** One zoom and pan for all panes of a comparison: they are linked because they are the same. */
export function useViewport(picture: Size | null, pane: Size | null) {
  const [moved, setMoved] = useState<View | null>(null)
  const view = picture && pane ? (moved ?? fitView(picture, pane)) : null
  const change = (next: (view: View, picture: Size, pane: Size) => View) => {
    if (view && picture && pane) setMoved(next(view, picture, pane))
  }
  return {
    view,
    fits: moved === null,
    fit: () => setMoved(null),
    actual: () => change((_, known, room) => actualView(known, room, window.devicePixelRatio)),
    zoom: (point: Point, factor: number) => change((now, known) => zoomAt(now, point, factor, known)),
    zoomMiddle: (closer: boolean) =>
      change((now, known, room) =>
        zoomAt(
          now,
          { xPx: room.widthPx / 2, yPx: room.heightPx / 2 },
          closer ? KEY_ZOOM : 1 / KEY_ZOOM,
          known,
        ),
      ),
    pan: (delta: Point) => change((now, known, room) => panBy(now, delta, known, room)),
  }
}

/** The wheel zooms to the pointer; the browser's own scrolling must be told so before it begins. */
export function useWheelZoom(
  ref: RefObject<HTMLElement | null>,
  zoom: (point: Point, factor: number) => void,
): void {
  const latest = useRef(zoom)
  useEffect(() => {
    latest.current = zoom
  })
  useEffect(() => {
    const element = ref.current
    if (!element) return undefined
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const pane = event.target instanceof Element ? event.target.closest('.pane') : null
      const box = (pane ?? element).getBoundingClientRect()
      const deltaPx = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 24 : event.deltaY
      latest.current(
        { xPx: event.clientX - box.left, yPx: event.clientY - box.top },
        Math.exp(-deltaPx / 400),
      )
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [ref])
}

/** Dragging hands on how far the pointer went since the last move. */
export function useDragging(onMove: (delta: Point, at: Point) => void) {
  const last = useRef<Point | null>(null)
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      last.current = { xPx: event.clientX, yPx: event.clientY }
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!last.current) return
      const at = { xPx: event.clientX, yPx: event.clientY }
      onMove({ xPx: at.xPx - last.current.xPx, yPx: at.yPx - last.current.yPx }, at)
      last.current = at
    },
    onPointerUp: () => (last.current = null),
    onPointerCancel: () => (last.current = null),
  }
}
