'use client'

import { type Client, createClient, type User } from '@provider-service/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { Config } from '@wagmi/core'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import type { PublicSettings } from '@/lib/settings.ts'
import { walletConfig } from '@/lib/wallets.ts'

interface Surroundings {
  settings: PublicSettings
  /** Who is signed in, as the server saw it for this page. */
  user: User | null
  client: Client
  wallets: Config
}

const Context = createContext<Surroundings | null>(null)

/** What every page finds around it. */
export function useSurroundings(): Surroundings {
  const found = useContext(Context)
  if (!found) throw new Error('This needs to be inside of Providers')
  return found
}

export function Providers({
  settings,
  user,
  children,
}: {
  settings: PublicSettings
  user: User | null
  children: ReactNode
}) {
  const [client] = useState(() => createClient({ url: '/api/provider' }))
  const [queries] = useState(() => new QueryClient())
  const [wallets] = useState(() => walletConfig(settings.chains))
  useEffect(() => {
    // fetched only where it is wanted: elsewhere no page has a line of it
    if (settings.sandbox)
      void import('@/sandbox/wallet/install.ts').then(({ installSandboxWallet }) =>
        installSandboxWallet(settings.chains),
      )
  }, [settings])
  return (
    <QueryClientProvider client={queries}>
      <Context value={{ settings, user, client, wallets }}>{children}</Context>
    </QueryClientProvider>
  )
}
