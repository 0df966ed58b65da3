import { alone } from './alone.ts'
import { type IntentionStorage, usualStorage } from './storage.ts'

/** One idempotency key for each thing that somebody is about to do. */
export interface Intentions {
  /** The key of this intention: the same after a reload and in every tab, until it has ended. */
  keyOf(name: string): Promise<string>
  /** The same, if there is one already. */
  find(name: string): Promise<string | null>
  /** Ends the intention, if it is still that of this key. */
  end(name: string, key: string): Promise<void>
}

/**
 * Keeps one idempotency key for each named intention until it ended: a second click, a second tab or a reload in the middle finds the
 * first payment. In `localStorage`, or where you say.
 *
 * @example
 * const buying = intentions()
 * const name = `${paywallId} by ${walletId}`
 * const idempotencyKey = await buying.keyOf(name)
 * try {
 *   await pay(client, { paywallId, walletId, idempotencyKey })
 * } catch (error) {
 *   // no answer, a refusal, a no in the wallet: the same key tries again; `attention`: it may be paid yet
 *   if (!isProviderError(error, 'PAYMENT_NOT_SETTLED') || error.details.state === 'attention') throw error
 * }
 * await buying.end(name, idempotencyKey)
 */
export function intentions(storage: IntentionStorage = usualStorage()): Intentions {
  const entryOf = (name: string) => `provider-service:intention:${name}`
  return {
    keyOf: (name) =>
      alone(entryOf(name), async () => {
        const known = await storage.getItem(entryOf(name))
        if (known !== null) return known
        const key = crypto.randomUUID()
        await storage.setItem(entryOf(name), key)
        return key
      }),
    find: async (name) => storage.getItem(entryOf(name)),
    end: (name, key) =>
      alone(entryOf(name), async () => {
        if ((await storage.getItem(entryOf(name))) === key) await storage.removeItem(entryOf(name))
      }),
  }
}
