import { type Config, getConnection, watchConnection } from '@wagmi/core'
import { type Client, errorOf, signOut } from '../index.ts'
import { pause } from '../internal.ts'

export interface WatchWalletOptions {
  client: Client
  /** Told when the session has ended: show the page as it is for nobody. */
  onSignedOut?: () => void
}

const FIRST_WAIT = 500
const LONGEST_WAIT = 15_000

/**
 * Ends the session of this browser when its wallet is disconnected or another account is chosen in it: whoever sits there now may be
 * somebody else. Reconnecting after a reload changes nothing. While the service cannot be reached it is asked again, unless somebody has signed
 * in meanwhile with the wallet that is connected then.
 *
 * @returns ends the watch
 *
 * @example
 * useEffect(() => watchWallet(config, { client, onSignedOut: () => router.refresh() }), [])
 */
export function watchWallet(config: Config, { client, onSignedOut }: WatchWalletOptions): () => void {
  const leaving = new AbortController()
  const now = getConnection(config)
  let known = now.status === 'connected' ? now.address : undefined
  const unwatch = watchConnection(config, {
    onChange({ status, address }) {
      if (status !== 'connected' && status !== 'disconnected') return
      const changed = known !== undefined && address !== known
      known = address
      if (changed) endSession(client, config, leaving.signal).then(onSignedOut, () => {})
    },
  })
  return () => {
    unwatch()
    leaving.abort()
  }
}

async function endSession(client: Client, config: Config, signal: AbortSignal): Promise<void> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
    try {
      await signOut(client)
      return
    } catch (cause) {
      const error = errorOf(cause)
      if (error.code === 'UNAUTHENTICATED') return
      if (!error.retryable) throw error
      await pause(wait, signal)
      if (await isOfConnected(client, config)) throw error
    }
  }
}

/** Whether the session is of the wallet that is connected now. */
async function isOfConnected(client: Client, config: Config): Promise<boolean> {
  const me = await client.auth.me.query().catch(() => null)
  const { address } = getConnection(config)
  return me?.kind === 'user' && address !== undefined && me.user.address.toLowerCase() === address.toLowerCase()
}
