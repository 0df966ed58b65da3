import { QueryClient, QueryClientContext, QueryClientProvider } from '@tanstack/react-query'
import { createElement, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import type { Client, IntentionStorage } from '../index.ts'
import { ServiceContext } from './context.ts'
import { PayStore, type Purchase } from './pay-store.ts'
import { queryDefaults } from './query-defaults.ts'
import { useLive } from './use-live.ts'

export interface ServiceProviderProps {
  /** One for the whole app, made outside of components: `createClient({ url: '/api/provider' })`. */
  client: Client
  /** The app that people sign in to. */
  appId: string
  /** Where payments that are on their way are remembered; `localStorage` by default. */
  storage?: IntentionStorage
  children?: ReactNode
}

/**
 * Gives the hooks their client, and keeps what they show up to date by one stream of events while somebody is signed in. Uses the
 * `QueryClientProvider` above it; without one, it makes its own with `queryDefaults`.
 *
 * @example
 * 'use client'
 * const client = createClient({ url: '/api/provider' })
 *
 * export function Providers({ children }: { children: ReactNode }) {
 *   return <ServiceProvider client={client} appId={process.env.NEXT_PUBLIC_APP_ID!}>{children}</ServiceProvider>
 * }
 */
export function ServiceProvider(props: ServiceProviderProps): ReactNode {
  const above = useContext(QueryClientContext)
  const [own] = useState(() => above ?? new QueryClient(queryDefaults))
  const provided = createElement(Service, props)
  return above ? provided : createElement(QueryClientProvider, { client: own }, provided)
}

function Service({ client, appId, storage, children }: ServiceProviderProps): ReactNode {
  const [stores] = useState(() => new Map<string, PayStore>())
  const payOf = useCallback(
    (purchase: Purchase) => {
      const name = `${purchase.paywallId}:${purchase.walletId}`
      const store = stores.get(name) ?? new PayStore(client, purchase, storage)
      stores.set(name, store)
      return store
    },
    [client, storage, stores],
  )
  useEffect(
    () => () => {
      for (const store of stores.values()) store.leave()
    },
    [stores],
  )
  const provided = useMemo(() => ({ client, appId, payOf }), [client, appId, payOf])
  return createElement(ServiceContext.Provider, { value: provided }, createElement(Live), children)
}

/** Its own component, so that news of who is there do not draw the whole app again. */
function Live(): null {
  useLive()
  return null
}
