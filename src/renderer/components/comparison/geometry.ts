/** Where a picture lies in its stage, in CSS pixels: its left top corner and its width as shown. */
export type View = { xPx: number; yPx: number; widthPx: number }
export type Size = { widthPx: number; heightPx: number }
export type Point = { xPx: number; yPx: number }

/** Between a thumbnail's size and 32 screen pixels for each pixel of the picture. */
const LARGEST_SCALE = 32
const SMALLEST_WIDTH_PX = 32

export function heightOf(view: View, picture: Size): number {
  return (view.widthPx * picture.heightPx) / picture.widthPx
}

/** The whole picture, centred, as large as the stage allows with a margin. */
export function fitView(picture: Size, stage: Size, marginPx = 16): View {
  const roomX = Math.max(1, stage.widthPx - 2 * marginPx)
  const roomY = Math.max(1, stage.heightPx - 2 * marginPx)
  const scale = Math.min(roomX / picture.widthPx, roomY / picture.heightPx)
  return centred(picture, stage, picture.widthPx * scale)
}

/** One pixel of the picture on one pixel of the screen, centred. */
export function actualView(picture: Size, stage: Size, devicePixelRatio: number): View {
  return centred(picture, stage, picture.widthPx / devicePixelRatio)
}

function centred(picture: Size, stage: Size, widthPx: number): View {
  const heightPx = (widthPx * picture.heightPx) / picture.widthPx
  return { xPx: (stage.widthPx - widthPx) / 2, yPx: (stage.heightPx - heightPx) / 2, widthPx }
}

/** Zooms by a factor so that what lies under the point stays under it. */
export function zoomAt(view: View, point: Point, factor: number, picture: Size): View {
  const widthPx = Math.min(
    picture.widthPx * LARGEST_SCALE,
    Math.max(SMALLEST_WIDTH_PX, view.widthPx * factor),
  )
  const real = widthPx / view.widthPx
  return {
    widthPx,
    xPx: point.xPx - (point.xPx - view.xPx) * real,
    yPx: point.yPx - (point.yPx - view.yPx) * real,
  }
}

/** Moves the picture, but keeps a part of it in sight. */
export function panBy(view: View, delta: Point, picture: Size, stage: Size): View {
  const keepPx = 48
  const heightPx = heightOf(view, picture)
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)
  return {
    ...view,
    xPx: clamp(view.xPx + delta.xPx, keepPx - view.widthPx, stage.widthPx - keepPx),
    yPx: clamp(view.yPx + delta.yPx, keepPx - heightPx, stage.heightPx - keepPx),
  }
}

/** Screen pixels for each pixel of the picture: 1 is 100%. */
export function scaleOf(view: View, picture: Size, devicePixelRatio: number): number {
  return (view.widthPx * devicePixelRatio) / picture.widthPx
}

/** The frame that both pictures share: the larger of the two, so that an enlarged result lies over its original. */
export function sharedSize(before: Size | null, after: Size | null): Size | null {
  if (!before || !after) return before ?? after
  return after.widthPx >= before.widthPx ? after : before
}
