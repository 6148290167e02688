import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** @param {string} path @returns {Promise<string>} SHA-256 in hex */
export async function hashFile(path) {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

/** @param {string | Buffer} text @returns {string} SHA-256 in hex */
export function hashText(text) {
  return createHash('sha256').update(text).digest('hex')
}
