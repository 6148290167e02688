/**
 * sRGB (IEC 61966-2-1) and CIE Lab under D65, in float64. Samples are coded and in [0,1]; L is 0 to 100. The white point is
 * the matrix's own, so that greys have a = b = 0 exactly.
 */

export type Triple = readonly [number, number, number]

/** Linear sRGB to XYZ (Poynton's figures for the primaries of Rec. 709 under D65, as scikit-image has them). */
export const RGB_TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
] as const satisfies readonly Triple[]

export const WHITE = RGB_TO_XYZ.map(([r, g, b]) => r + g + b) as unknown as Triple

export const XYZ_TO_RGB = inverseOf(RGB_TO_XYZ)

/** a and b of Lab over this are a network's chroma in [-1,1]: sRGB's own reach from -108 to 98. */
export const CHROMA_RANGE = 110

/** Where the curve of Lab turns from a line into a cube root: (6/29)^3. */
export const LAB_KNEE = (6 / 29) ** 3
/** Slope of that line. */
export const LAB_SLOPE = 1 / (3 * (6 / 29) ** 2)

function inverseOf([[a, b, c], [d, e, f], [g, h, i]]: readonly [Triple, Triple, Triple]): readonly [
  Triple,
  Triple,
  Triple,
] {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  const over = (value: number) => value / determinant
  return [
    [over(e * i - f * h), over(c * h - b * i), over(b * f - c * e)],
    [over(f * g - d * i), over(a * i - c * g), over(c * d - a * f)],
    [over(d * h - e * g), over(b * g - a * h), over(a * e - b * d)],
  ]
}

export function decodeSrgb(coded: number): number {
  return coded <= 0.04045 ? coded / 12.92 : ((coded + 0.055) / 1.055) ** 2.4
}

export function encodeSrgb(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055
}

function labCurve(t: number): number {
  return t > LAB_KNEE ? Math.cbrt(t) : t * LAB_SLOPE + 4 / 29
}

function labCurveInverse(t: number): number {
  return t > 6 / 29 ? t ** 3 : (t - 4 / 29) / LAB_SLOPE
}

function times(row: Triple, x: number, y: number, z: number): number {
  return row[0] * x + row[1] * y + row[2] * z
}

/** Linear luminance Y, 0 to 1, of coded samples. L of Lab is a function of it alone. */
export function luminanceOf(r: number, g: number, b: number): number {
  return times(RGB_TO_XYZ[1], decodeSrgb(r), decodeSrgb(g), decodeSrgb(b))
}

export function labOf(r: number, g: number, b: number): Triple {
  const linear: Triple = [decodeSrgb(r), decodeSrgb(g), decodeSrgb(b)]
  const [x, y, z] = RGB_TO_XYZ.map((row, axis) => labCurve(times(row, ...linear) / (WHITE[axis] as number)))
  if (x === undefined || y === undefined || z === undefined) throw new Error('A colour has three axes.')
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

/** Linear samples of the colour with this luminance and these a and b; outside [0,1] where sRGB does not have it. */
function linearOf(luminance: number, a: number, b: number): Triple {
  const y = labCurve(luminance / WHITE[1])
  const xyz: Triple = [
    labCurveInverse(y + a / 500) * WHITE[0],
    luminance,
    labCurveInverse(y - b / 200) * WHITE[2],
  ]
  return [times(XYZ_TO_RGB[0], ...xyz), times(XYZ_TO_RGB[1], ...xyz), times(XYZ_TO_RGB[2], ...xyz)]
}

/** Beyond this, in linear light, a colour is out of sRGB; below it is rounding. */
const SLACK = 1e-9

function isInside([r, g, b]: Triple): boolean {
  return Math.min(r, g, b) >= -SLACK && Math.max(r, g, b) <= 1 + SLACK
}

/** Halvings in the search for the strongest chroma that sRGB has: a 65,536th of it is left to chance. */
const HALVINGS = 16

/**
 * The colour with this luminance (linear, 0 to 1) and, as far as sRGB has it, these a and b: chroma is reduced towards
 * grey until it fits, never the lightness. Coded samples, in [0,1].
 */
export function colourWith(luminance: number, a: number, b: number): Triple {
  let linear = linearOf(luminance, a, b)
  if (!isInside(linear)) {
    let [fits, tooMuch] = [0, 1]
    for (let round = 0; round < HALVINGS; round += 1) {
      const share = (fits + tooMuch) / 2
      if (isInside(linearOf(luminance, share * a, share * b))) fits = share
      else tooMuch = share
    }
    linear = linearOf(luminance, fits * a, fits * b)
  }
  const coded = (value: number) => Math.min(1, Math.max(0, encodeSrgb(Math.max(0, value))))
  return [coded(linear[0]), coded(linear[1]), coded(linear[2])]
}
