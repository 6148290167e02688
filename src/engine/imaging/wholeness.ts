/** What is looked at of a file: its head and its tail. */
export const TAIL_BYTES = 65_536

/**
 * Whether a file ends as its format does. Cheap where decoding is not; a head alone does not tell that a copy was
 * interrupted. True for formats that have no end of their own.
 */
export function endsWell(head: Buffer, tail: Buffer, bytes: number): boolean {
  if (head[0] === 0xff && head[1] === 0xd8) return tail.includes(Buffer.from([0xff, 0xd9]))
  if (head.toString('latin1', 1, 4) === 'PNG') return tail.includes('IEND', 0, 'latin1')
  if (head.toString('latin1', 0, 4) === 'RIFF') return bytes >= head.readUInt32LE(4) + 8
  if (head.toString('latin1', 0, 4) === 'GIF8') return tail.at(-1) === 0x3b
  return true
}
