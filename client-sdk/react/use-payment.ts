import type { UseQueryResult } from '@tanstack/react-query'
import type { Payment, ProviderServiceError } from '../index.ts'
import { isOver } from '../internal.ts'
import { useServiceQuery } from './use-service-query.ts'
import { whileAway } from './while-away.ts'

/** Milliseconds between two questions about a payment that is not over, should its events not come. */
const NOW_AND_THEN = 5_000

/**
 * A payment, as it stands. Null or undefined, while it is not known which, asks nothing.
 *
 * @example
 * const { data: payment } = usePayment(paymentId)
 */
export const usePayment = (paymentId: string | null | undefined): UseQueryResult<Payment, ProviderServiceError> =>
  useServiceQuery(
    (service) => service.payments.get,
    { paymentId: paymentId ?? '' },
    {
      enabled: Boolean(paymentId),
      refetchInterval: (query) => (query.state.data && !isOver(query.state.data) ? NOW_AND_THEN : whileAway(query)),
    },
  )
