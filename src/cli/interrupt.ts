let signal: AbortSignal | undefined

/**
 * An abort signal that Ctrl+C, SIGTERM, a closed terminal and a reader who left (`| head`) raise; a second one of the
 * signals ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  signal ??= listen()
  return signal
}

function listen(): AbortSignal {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write('\nStopping after this step. Press Ctrl+C again to stop at once.\n')
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt)
  // Nobody reads any more: without a listener the next line would end the process in the middle of its work.
  process.stdout.on('error', () => controller.abort())
  process.stderr.on('error', () => controller.abort())
  return controller.signal
}
