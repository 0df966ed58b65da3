import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useProvided } from './context.ts'
import { identityOf } from './me.ts'
import { checking, type PayStatus, type WalletOf } from './pay-store.ts'
import { useMe } from './use-me.ts'

export interface UsePayOptions {
  paywallId: string
  /** The wallet that pays; null or undefined while it is not known. */
  walletId: string | null | undefined
  /**
   * Gives the wallet that signs, when somebody pays: `() => wallet(config)` of `/wagmi`. Only for a wallet of the person's own; custodial
   * ones sign by themselves.
   */
  wallet?: WalletOf
}

export interface Paying extends PayStatus {
  /** Something is on its way, and nothing is to be done about it now. */
  isBusy: boolean
  /** Pays, or goes on with the payment that is on its way: never a second one, however often it is called. Rejects never: see `error`. */
  pay(): Promise<void>
  /** The same, after something went wrong. */
  retry(): Promise<void>
  /** Back to `idle`, from a payment that is over. */
  reset(): void
}

const busy: readonly PayStatus['state'][] = ['checking', 'starting', 'held', 'signing', 'accepted', 'submitted']

/**
 * Pays a paywall and shows how it goes, until it is settled on the chain. One intention is one payment: a second click, another tab and
 * a reload in the middle find the first. After a reload nobody is asked to sign until they click.
 *
 * @example
 * const { state, error, pay, isBusy } = usePay({ paywallId, walletId })
 * <button disabled={isBusy} onClick={pay}>{state === 'settled' ? 'Paid' : 'Pay 1.50 USDC'}</button>
 * {error && <p role="alert">{explain(error).sentence} {explain(error).advice}</p>}
 *
 * @example
 * // from a wallet of the person's own
 * import { wallet } from '@provider-service/client/wagmi'
 *
 * const { pay } = usePay({ paywallId, walletId, wallet: () => wallet(config) })
 */
export function usePay({ paywallId, walletId, wallet }: UsePayOptions): Paying {
  const { payOf } = useProvided()
  const store = useMemo(() => (walletId ? payOf({ paywallId, walletId }) : null), [payOf, paywallId, walletId])
  const identity = identityOf(useMe().me)
  // before it looks: what waits for a wallet is known by it
  useEffect(() => {
    if (store) store.walletOf = wallet
  }, [store, wallet])
  useEffect(() => {
    if (!store || identity === undefined) return
    store.look()
    const changed = ({ key }: StorageEvent) => {
      if (key !== null && store.isAbout(key)) store.look()
    }
    window.addEventListener('storage', changed)
    return () => window.removeEventListener('storage', changed)
  }, [store, identity])
  const status = useSyncExternalStore(store?.subscribe ?? never, store?.status ?? unknown, unknown)
  return {
    ...status,
    isBusy: busy.includes(status.state),
    pay: store?.pay ?? nothing,
    retry: store?.pay ?? nothing,
    reset: store?.reset ?? nothing,
  }
}

const never = () => nothing
const unknown = () => checking
const nothing = async () => {}
