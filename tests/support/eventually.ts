/**
 * Asks again until `fact` no longer throws, and answers with what it returns. Throws what it threw last when `within`
 * milliseconds have passed.
 */
export async function eventually<T>(fact: () => Promise<T> | T, within = 15_000): Promise<T> {
  const end = performance.now() + within
  for (;;) {
    try {
      return await fact()
    } catch (error) {
      if (performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
