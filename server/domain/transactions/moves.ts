/** Tells those in this process who wait for a transaction that it has moved. A hint: others may move it too. */
export interface Moves {
  tell(transactionId: string): void
  /** Resolves with the next move, or after so many milliseconds without one. */
  next(transactionId: string, milliseconds: number): Promise<void>
}

export function createMoves(): Moves {
  const waiting = new Map<string, Set<() => void>>()
  return {
    tell(transactionId) {
      for (const wake of waiting.get(transactionId) ?? []) wake()
    },
    next: (transactionId, milliseconds) =>
      new Promise((resolve) => {
        const those = waiting.get(transactionId) ?? new Set()
        waiting.set(transactionId, those)
        const wake = () => {
          clearTimeout(timer)
          those.delete(wake)
          if (those.size === 0) waiting.delete(transactionId)
          resolve()
        }
        const timer = setTimeout(wake, milliseconds)
        those.add(wake)
      }),
  }
}
