import 'server-only'
import { isProviderError, type Me, type User } from '@provider-service/client'
import { cookies } from 'next/headers'
import { cache } from 'react'
import { asVisitor } from './service.ts'

/**
 * Who the browser that asks is signed in as; null if as nobody.
 *
 * @throws ProviderServiceError when the service does not answer
 */
export const whoIsThere = cache(async (): Promise<Me | null> => {
  const jar = await cookies()
  if (!jar.has('provider-session') && !jar.has('__Host-provider-session')) return null
  try {
    return await (await asVisitor()).auth.me.query()
  } catch (error) {
    if (isProviderError(error, 'UNAUTHENTICATED')) return null
    throw error
  }
})

/** The same, of people. @throws as it does */
export async function currentUser(): Promise<User | null> {
  const me = await whoIsThere()
  return me?.kind === 'user' ? me.user : null
}
