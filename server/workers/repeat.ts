/** What is done again and again. */
export interface Repetition {
  /** Has the round at hand end, and does no other. */
  stop(): Promise<void>
}

/**
 * Does a round at once, and the next so many milliseconds after it as it answered. A round sees to its own failures; the signal tells it
 * that it is to be the last.
 */
export function repeat(round: (stopping: AbortSignal) => Promise<number>): Repetition {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const run = () => {
    running = round(stopping.signal).then((wait) => {
      if (!stopping.signal.aborted) timer = setTimeout(run, wait)
    })
  }
  run()
  return {
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}
