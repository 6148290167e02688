import { useRef, useState } from 'react'
import type { DragEvent } from 'react'
import type { FileHandle } from '../../core/files.ts'
import { handlesOf } from '../bridge.ts'
import { attempt } from '../stores/notices.ts'

/** Files and folders from outside, dropped here. Spread `drop` on the element. */
export function useDrop(onDropped: (files: FileHandle[]) => void) {
  const [isOver, setOver] = useState(false)
  const depth = useRef(0)
  const move = (event: DragEvent, by: number) => {
    event.preventDefault()
    depth.current = Math.max(0, depth.current + by)
    setOver(depth.current > 0)
  }
  const drop = {
    onDragEnter: (event: DragEvent) => move(event, 1),
    onDragLeave: (event: DragEvent) => move(event, -1),
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault()
      event.stopPropagation()
      depth.current = 0
      setOver(false)
      const files = [...event.dataTransfer.files]
      void attempt(async () => onDropped(await handlesOf(files)))
    },
  }
  return { isOver, drop }
}
