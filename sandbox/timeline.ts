/** What a step came to. */
export interface Outcome<T> {
  result?: T
  /** A sentence for the reader. */
  says: string
  /** Where money moved. */
  transactionHash?: string
}

/**
 * Tells a story step by step: a line for people, or with `json` one JSON object a step. A step that throws fails the story and is
 * thrown on.
 */
export function timeline(json: boolean) {
  const began = performance.now()
  let failures = 0

  const tell = (
    step: string,
    title: string,
    ok: boolean,
    started: number,
    { says, transactionHash }: Outcome<unknown>,
  ) => {
    const seconds = (performance.now() - began) / 1000
    if (json) {
      const milliseconds = Math.round(performance.now() - started)
      console.log(JSON.stringify({ step, ok, title, says, milliseconds, ...(transactionHash && { transactionHash }) }))
      return
    }
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${ok ? '✓' : '✗'} ${title}`)
    for (const line of wrapped(says)) console.log(`            ${line}`)
    if (transactionHash) console.log(`            ${transactionHash}`)
  }

  return {
    async step<T>(name: string, title: string, work: () => Promise<Outcome<T>>): Promise<T> {
      const started = performance.now()
      try {
        const outcome = await work()
        tell(name, title, true, started, outcome)
        return outcome.result as T
      } catch (error) {
        failures++
        tell(name, title, false, started, { says: (error as Error).message })
        throw error
      }
    },
    /** Ends the story. Answers with the exit code. */
    finish(): number {
      if (!json) console.log(failures === 0 ? '\nEvery step held.' : '\nThe story broke off.')
      return failures === 0 ? 0 : 1
    },
  }
}

/** In lines of at most 108 characters, broken between words. */
function wrapped(sentence: string): string[] {
  const lines: string[] = []
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < 108) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
