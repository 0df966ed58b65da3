/** Remembers so many values at most, and forgets the one that was used least recently. */
export interface LeastRecent<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export function leastRecent<Value>(most: number): LeastRecent<Value> {
  // a Map goes by when a key was set
  const values = new Map<string, Value>()
  return {
    get(key) {
      const value = values.get(key)
      if (value === undefined) return undefined
      values.delete(key)
      values.set(key, value)
      return value
    },
    set(key, value) {
      values.delete(key)
      values.set(key, value)
      if (values.size > most) values.delete(values.keys().next().value!)
    },
  }
}
