import 'server-only'
import { type Client, createClient } from '@provider-service/client'
import { headers } from 'next/headers'
import { cache } from 'react'
import { settings } from './settings.ts'

/** Calls of this server in its own name, for what everybody may see. Its key never leaves it. */
export const catalogue = cache((): Client => {
  const { providerUrl, apiKey } = settings()
  return createClient({ url: providerUrl, apiKey })
})

/** Calls in the name of whoever sent the request that is being served. */
export const asVisitor = cache(async (): Promise<Client> => {
  const cookie = (await headers()).get('cookie') ?? ''
  return createClient({
    url: settings().providerUrl,
    fetch: (input, init) => {
      const sent = new Headers(init?.headers)
      sent.set('cookie', cookie)
      return fetch(input, { ...init, headers: sent, cache: 'no-store' })
    },
  })
})
