import 'server-only'
import { type Client, createClient } from '@provider-service/client'
import { serverClient } from '@provider-service/client/next'
import { headers } from 'next/headers'
import { cache } from 'react'
import { settings } from './settings.ts'

/** Calls of this server in its own name, for what everybody may see. Its key never leaves it. */
export const catalogue = cache((): Client => {
  const { providerUrl, apiKey } = settings()
  return createClient({ url: providerUrl, apiKey })
})

/** Calls in the name of whoever sent the request that is being served. */
export const asVisitor = cache(
  async (): Promise<Client> => serverClient({ url: settings().providerUrl, headers: await headers() }),
)
