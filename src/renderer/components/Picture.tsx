import { ImageOff } from 'lucide-react'
import { useState } from 'react'
import type { Derivation } from '../../core/datasets/derivedPairs.ts'
import type { PictureRegion } from '../../core/datasets/report.ts'
import type { FileHandle } from '../../core/files.ts'
import { pictureUrl } from '../bridge.ts'

type PictureProps = {
  file: FileHandle
  alt: string
  sidePx: number
  region?: PictureRegion
  /** Shows a copy spoiled in this way. */
  derivation?: Derivation | null
  /** `cover` fills its box, `contain` shows all of it. */
  fit?: 'cover' | 'contain'
}

/** A picture in a box that has its size before the picture has come, and keeps it if it never comes. */
export function Picture({
  file,
  alt,
  sidePx,
  region = 'whole',
  derivation = null,
  fit = 'cover',
}: PictureProps) {
  const url = pictureUrl(file, sidePx, region, derivation)
  const [told, setTold] = useState<{ url: string; state: 'shown' | 'failed' }>()
  const state = told?.url === url ? told.state : 'waiting'
  return (
    <span className={`picture picture-${fit} picture-${state}`}>
      {state === 'failed' ? (
        <span className="picture-missing" role="img" aria-label={`${alt} (cannot be shown)`}>
          <ImageOff size={20} aria-hidden />
        </span>
      ) : (
        <img
          src={url}
          alt={alt}
          draggable={false}
          decoding="async"
          onLoad={() => setTold({ url, state: 'shown' })}
          onError={() => setTold({ url, state: 'failed' })}
        />
      )}
    </span>
  )
}
