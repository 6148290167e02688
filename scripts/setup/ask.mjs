import { createInterface } from 'node:readline/promises'

/** Asks the person at the terminal; an empty answer means yes. @param {string} question @returns {Promise<boolean>} */
export async function askYesNo(question) {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await reader.question(`${question} [Y/n] `)
    return /^(y|yes|)$/i.test(answer.trim())
  } finally {
    reader.close()
  }
}
