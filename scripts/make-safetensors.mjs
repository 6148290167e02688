/** Writes a safetensors file: header length, JSON header, float32 tensors in the order given. */
import { writeFileSync } from 'node:fs'

/**
 * @param {string} file
 * @param {Map<string, { shape: number[], values: Float32Array }>} tensors
 * @param {Record<string, string>} metadata
 */
export function writeSafetensors(file, tensors, metadata) {
  const header = { __metadata__: metadata }
  const parts = []
  let offset = 0
  for (const [name, { shape, values }] of tensors) {
    const count = shape.reduce((product, size) => product * size, 1)
    if (count !== values.length)
      throw new Error(`${name} has ${values.length} values, its shape asks for ${count}.`)
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] }
    parts.push(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
    offset += values.byteLength
  }
  const json = JSON.stringify(header)
  // Readers map the file: the data starts at a multiple of 8, padded with spaces as the format allows.
  const text = Buffer.from(json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(file, Buffer.concat([length, text, ...parts]))
}
