/** Rows that a verification holds at a time. */
export const BATCH = 2_000

/**
 * Reads rows batch by batch, each after the last row of the one before. While a batch is looked at, the next is on its way: `read`
 * must bear that.
 */
export async function* readInBatches<Row>(read: (after: Row | null) => Promise<Row[]>): AsyncGenerator<Row[]> {
  let next = read(null)
  for (;;) {
    const rows = await next
    const last = rows.at(-1)
    if (!last) return
    next = read(last)
    next.catch(() => {}) // whoever stops here does not ask what became of it
    yield rows
  }
}

/** Has work done one after the other, in the order it is asked for: a connection asks one thing at a time. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work, work)
    last = result.catch(() => {})
    return result
  }
}
