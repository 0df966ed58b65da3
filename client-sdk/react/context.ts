import { createContext, useContext } from 'react'
import type { Client } from '../index.ts'
import type { PayStore, Purchase } from './pay-store.ts'

/** What is provided, among ourselves. */
export interface Provided {
  client: Client
  appId: string
  payOf(purchase: Purchase): PayStore
}

export const ServiceContext = createContext<Provided | null>(null)

export function useProvided(): Provided {
  const provided = useContext(ServiceContext)
  if (!provided) throw new Error('Put a <ServiceProvider client={client} appId={appId}> above what uses the service')
  return provided
}

/**
 * The client that the provider above was given, to call any procedure.
 *
 * @example
 * const service = useService()
 * const open = () => service.wallets.open.mutate()
 */
export const useService = (): Client => useProvided().client
