const lines = new Map<string, Promise<unknown>>()

/**
 * Does something while nobody else of this name does: no other tab of this site where the browser has Web Locks, nobody else in this
 * process where it has none. Whoever comes meanwhile waits, or rejects with the reason of their signal.
 */
export function alone<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const locks = globalThis.navigator?.locks
  if (locks) return locks.request(`provider-service:${name}`, { ...(signal && { signal }) }, work) as Promise<T>
  const before = lines.get(name) ?? Promise.resolve()
  const mine = before.then(() => {
    signal?.throwIfAborted()
    return work()
  })
  const line = mine.then(
    () => {},
    () => {},
  )
  lines.set(name, line)
  void line.then(() => lines.get(name) === line && lines.delete(name))
  return mine
}
