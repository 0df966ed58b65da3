import type { UseQueryResult } from '@tanstack/react-query'
import type { AccessCheck, ProviderServiceError } from '../index.ts'
import { useServiceQuery } from './use-service-query.ts'
import { whileAway } from './while-away.ts'

/** The longest that timers take. */
const LONGEST = 2 ** 31 - 1

/**
 * Whether a wallet may open a paywall now: it turns by itself when it is paid, in every tab, and when its time is over. What it guards
 * must be guarded on your server too. Without a wallet, while none is known, it asks nothing.
 *
 * @example
 * const { data } = useAccess(paywallId, walletId)
 * if (!data) return <Skeleton />
 * return data.granted ? <Article /> : <PayButton />
 */
export const useAccess = (
  paywallId: string,
  walletId: string | null | undefined,
): UseQueryResult<AccessCheck, ProviderServiceError> =>
  useServiceQuery(
    (service) => service.access.check,
    { paywallId, walletId: walletId ?? '' },
    {
      enabled: Boolean(walletId),
      refetchInterval(query) {
        const { data } = query.state
        const until = data?.granted ? data.access?.expiresAt : null
        if (query.state.error) return whileAway(query)
        return until ? Math.min(LONGEST, Math.max(1_000, until.getTime() - Date.now() + 250)) : false
      },
    },
  )
