/**
 * Turns work on many into work on one. Those that are asked for while a round runs wait for the next one and share it: every
 * answer comes from after its question, and a busy server asks the database once for many requests. At most `rounds` run at a
 * time.
 */
export function coalesce<Key, Value>(
  workOn: (keys: Key[]) => Promise<Map<Key, Value>>,
  rounds = 1,
): (key: Key) => Promise<Value | undefined> {
  let running = 0
  let waiting = new Map<Key, PromiseWithResolvers<Value | undefined>>()

  async function run(): Promise<void> {
    running++
    while (waiting.size > 0) {
      const asked = waiting
      waiting = new Map()
      try {
        const found = await workOn([...asked.keys()])
        for (const [key, answer] of asked) answer.resolve(found.get(key))
      } catch (error) {
        for (const answer of asked.values()) answer.reject(error)
      }
    }
    running--
  }

  return (key) => {
    let answer = waiting.get(key)
    if (!answer) {
      answer = Promise.withResolvers()
      waiting.set(key, answer)
    }
    if (running < rounds) void run()
    return answer.promise
  }
}
