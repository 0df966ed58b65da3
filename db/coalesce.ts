/**
 * Turns a lookup of many keys into a lookup of one. Those that are asked for while a lookup runs wait for the next one and share
 * it: every answer was read after its question, and a busy server asks the database once for many requests.
 */
export function coalesce<Key, Value>(
  lookUp: (keys: Key[]) => Promise<Map<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let running = false
  let waiting = new Map<Key, PromiseWithResolvers<Value | undefined>>()

  async function run(): Promise<void> {
    running = true
    while (waiting.size > 0) {
      const asked = waiting
      waiting = new Map()
      try {
        const found = await lookUp([...asked.keys()])
        for (const [key, answer] of asked) answer.resolve(found.get(key))
      } catch (error) {
        for (const answer of asked.values()) answer.reject(error)
      }
    }
    running = false
  }

  return (key) => {
    let answer = waiting.get(key)
    if (!answer) {
      answer = Promise.withResolvers()
      waiting.set(key, answer)
    }
    if (!running) void run()
    return answer.promise
  }
}
