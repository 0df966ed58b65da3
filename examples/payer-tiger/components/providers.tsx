'use client'

import { type Client, createClient, type Me, type User } from '@provider-service/client'
import { keyOf, queryDefaults, ServiceProvider, useMe } from '@provider-service/client/react'
import { watchWallet } from '@provider-service/client/wagmi'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type Config, reconnect } from '@wagmi/core'
import { useRouter } from 'next/navigation'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import type { PublicSettings } from '@/lib/settings.ts'
import { walletConfig } from '@/lib/wallets.ts'

interface Surroundings {
  settings: PublicSettings
  /** Who is signed in; null if nobody is, or it is not known. */
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

/** @param me who is signed in, as the server saw it for this page; undefined if it could not find out */
export function Providers({
  settings,
  me,
  children,
}: {
  settings: PublicSettings
  me: Me | null | undefined
  children: ReactNode
}) {
  const [client] = useState(() => createClient({ url: '/api/provider' }))
  const [queries] = useState(() => {
    const made = new QueryClient(queryDefaults)
    if (me !== undefined)
      made.setQueryData(
        keyOf((service) => service.auth.me),
        me,
      )
    return made
  })
  return (
    <QueryClientProvider client={queries}>
      <ServiceProvider client={client} appId={settings.appId}>
        <Surrounded settings={settings} client={client} me={me}>
          {children}
        </Surrounded>
      </ServiceProvider>
    </QueryClientProvider>
  )
}

function Surrounded({
  settings,
  client,
  me: seen,
  children,
}: {
  settings: PublicSettings
  client: Client
  me: Me | null | undefined
  children: ReactNode
}) {
  const router = useRouter()
  const [wallets] = useState(() => walletConfig(settings.chains))
  const { me = seen } = useMe()
  const user = me?.kind === 'user' ? me.user : null

  // pages are made for somebody: when that is another, here or in another tab, they are made again
  const [now, then] = [idOf(me), useRef(idOf(seen))]
  useEffect(() => {
    if (now === then.current) return
    then.current = now
    router.refresh()
  }, [now, then, router])

  useEffect(() => {
    const sandbox = settings.sandbox
      ? // fetched only where it is wanted: elsewhere no page has a line of it
        import('@/sandbox/wallet/install.ts').then(({ installSandboxWallet }) => installSandboxWallet(settings.chains))
      : Promise.resolve()
    void sandbox.then(() => reconnect(wallets))
    return watchWallet(wallets, { client, onSignedOut: () => router.refresh() })
  }, [settings, wallets, client, router])

  return <Context value={{ settings, user, client, wallets }}>{children}</Context>
}

const idOf = (me: Me | null | undefined): string | null => (me?.kind === 'user' ? me.user.id : null)
