const last = new Map<string, Promise<unknown>>()

/**
 * Does what is done under one name one after the other, within this process: those who would meet at the same rows need not be undone and
 * repeated. Nothing hangs on it; other processes are kept apart by the database.
 */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = last.get(name)
  const mine = (before ?? Promise.resolve()).then(work, work)
  last.set(name, mine)
  try {
    return await mine
  } finally {
    if (last.get(name) === mine) last.delete(name)
  }
}
