import { openSync, readSync } from 'node:fs'

/** float32 tensors of a safetensors file that this benchmark wrote itself a moment ago, each read when asked for. */
export function openTensors(file: string): Map<string, { shape: number[]; data(): Float32Array }> {
  const descriptor = openSync(file, 'r')
  const read = (start: number, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(length)
    if (readSync(descriptor, bytes, 0, length, start) !== length)
      throw new Error(`${file} is shorter than it says.`)
    return bytes
  }
  const headerBytes = Number(new DataView(read(0, 8).buffer).getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(read(8, headerBytes))) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  return new Map(
    entries.map(
      ([
        name,
        {
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        const data = (): Float32Array => new Float32Array(read(8 + headerBytes + start, end - start).buffer)
        return [name, { shape, data }]
      },
    ),
  )
}
