/**
 * One tensor under both names. Theirs may have sides of length 1 before and after those that ours has. `own` is null for a blur, which
 * is no weight: its values, over and over.
 */
export type PeerTensor =
  | { peer: string; own: string; ones?: { before: number; after: number } }
  | { peer: string; own: null; shape: readonly number[]; values: readonly number[] }

/** Blurs along both sides by a row, adding up to `sum`. */
export function blurBy(row: readonly number[], sum = 1): number[] {
  const scale = sum / row.reduce((total, value) => total + value, 0) ** 2
  return row.flatMap((x) => row.map((y) => x * y * scale))
}

/** The kernel of a convolution that stands at `peer`; with its bias, as there is one unless a batch norm or none follows. */
export function convAt(own: string, peer: string, hasBias: boolean): PeerTensor[] {
  const weight: PeerTensor = { peer: `${peer}.weight`, own: `${own}.weight` }
  return hasBias ? [weight, { peer: `${peer}.bias`, own: `${own}.bias` }] : [weight]
}
