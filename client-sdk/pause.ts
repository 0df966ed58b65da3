/** Waits, or less when `sooner` resolves before. Rejects with the reason of the signal when that comes first. */
export function pause(milliseconds: number, signal: AbortSignal | undefined, sooner?: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
    void sooner?.then(end)
  })
}

/** Calls, and waits for what comes of it no longer than until the signal, whose reason it rejects with. */
export function untilAborted<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return call()
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    call()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}
