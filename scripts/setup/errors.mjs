/**
 * An expected failure of set-up: what happened, and what the reader can do about it.
 * Set-up runs before node_modules exists, so it cannot use the product's own `refuse`.
 */
export class SetupError extends Error {
  /**
   * @param {string} code stable, for programs
   * @param {string} message one sentence: what happened
   * @param {string} remedy what to do about it
   */
  constructor(code, message, remedy) {
    super(message)
    this.name = 'SetupError'
    this.code = code
    this.remedy = remedy
  }

  /** @returns {{ code: string, message: string, remedy: string }} */
  toProblem() {
    return { code: this.code, message: this.message, remedy: this.remedy }
  }
}
