import { type UseQueryOptions, type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { Client, ProviderServiceError } from '../index.ts'
import { useService } from './context.ts'
import { queryOf, type Readable } from './query-of.ts'
import { whileAway } from './while-away.ts'

/** What TanStack Query takes beside what is asked and where it is kept. */
export type ServiceQueryOptions<Output, Data = Output> = Omit<
  UseQueryOptions<Output, ProviderServiceError, Data>,
  'queryKey' | 'queryFn' | 'retry'
>

/**
 * Any read of the service, kept up to date by its events. What failed because the service was away is asked for again by itself.
 *
 * @example
 * const { data, error } = useServiceQuery((service) => service.payments.list, { state: 'settled', limit: 20 })
 *
 * @example
 * const { data: quote } = useServiceQuery((service) => service.payments.quote, { paywallId, walletId }, { enabled: isOpen })
 */
export function useServiceQuery<Input, Output, Data = Output>(
  select: (service: Client) => Readable<Input, Output>,
  ...[input, options]: undefined extends Input
    ? [input?: Input, options?: ServiceQueryOptions<Output, Data>]
    : [input: Input, options?: ServiceQueryOptions<Output, Data>]
): UseQueryResult<Data, ProviderServiceError> {
  return useQuery({ refetchInterval: whileAway, ...options, ...queryOf(useService(), select, input as Input) })
}
