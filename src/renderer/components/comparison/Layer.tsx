import { useState } from 'react'
import type { Derivation } from '../../../core/datasets/derivedPairs.ts'
import type { PictureRegion } from '../../../core/datasets/report.ts'
import type { FileHandle } from '../../../core/files.ts'
import { pictureUrl } from '../../bridge.ts'
import { heightOf, scaleOf } from './geometry.ts'
import type { Size, View } from './geometry.ts'

export type ComparedPicture = {
  file: FileHandle
  region?: PictureRegion
  /** Shows a copy spoiled in this way. */
  derivation?: Derivation | null
  label: string
}

/** Enough for any fitted picture; the whole picture is fetched when someone looks closer. */
const PREVIEW_SIDE_PX = 2048
const WHOLE_SIDE_PX = 16384

type LayerProps = {
  picture: ComparedPicture
  view: View
  /** The frame's own size in pixels of the larger picture. */
  frame: Size | null
  onSize: (size: Size) => void
  className?: string
}

/** One picture in the shared frame. A picture of another size is scaled to the frame, so that both lie on each other. */
export function Layer({ picture, view, frame, onSize, className = '' }: LayerProps) {
  const [isLarge, setLarge] = useState(false)
  const [failedUrl, setFailedUrl] = useState('')
  const shownPx = view.widthPx * window.devicePixelRatio
  const needsWhole = isLarge && shownPx > PREVIEW_SIDE_PX
  const url = pictureUrl(
    picture.file,
    needsWhole ? WHOLE_SIDE_PX : PREVIEW_SIDE_PX,
    picture.region,
    picture.derivation,
  )
  const heightPx = frame ? heightOf(view, frame) : undefined
  const isClose = frame ? scaleOf(view, frame, window.devicePixelRatio) >= 3 : false
  const style = {
    transform: `translate(${view.xPx}px, ${view.yPx}px)`,
    width: view.widthPx,
    ...(heightPx === undefined ? {} : { height: heightPx }),
  }
  if (failedUrl === url)
    return (
      <p className="layer-failed" role="alert">
        {picture.file.name} cannot be shown.
      </p>
    )
  return (
    <img
      className={`layer ${isClose ? 'layer-pixels' : ''} ${className}`}
      style={style}
      src={url}
      alt={`${picture.label}: ${picture.file.name}`}
      draggable={false}
      onError={() => setFailedUrl(url)}
      onLoad={({ currentTarget: { naturalWidth: widthPx, naturalHeight } }) => {
        setLarge((was) => was || Math.max(widthPx, naturalHeight) >= PREVIEW_SIDE_PX)
        onSize({ widthPx, heightPx: naturalHeight })
      }}
    />
  )
}
