import { ImageOff } from 'lucide-react'
import { useState } from 'react'
import type { PictureRegion } from '../../core/datasets/report.ts'
import type { FileHandle } from '../../core/files.ts'
import { pictureUrl } from '../bridge.ts'

type PictureProps = {
  file: FileHandle
  alt: string
  sidePx: number
  region?: PictureRegion
  /** `cover` fills its box, `contain` shows all of it. */
  fit?: 'cover' | 'contain'
}

/** A picture in a box that has its size before the picture has come, and keeps it if it never comes. */
export function Picture({ file, alt, sidePx, region = 'whole', fit = 'cover' }: PictureProps) {
  const url = pictureUrl(file, sidePx, region)
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
