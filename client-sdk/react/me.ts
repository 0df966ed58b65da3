import { type Client, isProviderError, type Me, type SignedIn } from '../index.ts'
import { keyOf, type ServiceQuery } from './query-of.ts'

/** Under what is kept who is signed in. */
export const meKey = keyOf((service) => service.auth.me)

/**
 * Who is signed in, as a query; null is nobody. Prefetch it on the server, and pages know from the first moment.
 *
 * @example
 * await queryClient.prefetchQuery(meQuery(await service()))
 */
export const meQuery = (client: Client): ServiceQuery<Me | null> => ({
  queryKey: meKey,
  async queryFn({ signal }) {
    try {
      return await client.auth.me.query(undefined, { signal })
    } catch (error) {
      if (isProviderError(error, 'UNAUTHENTICATED')) return null
      throw error
    }
  },
  retry: false,
})

/** Who has just signed in. */
export const meOf = ({ user, session }: SignedIn, appId: string): Me => ({
  kind: 'user',
  appId,
  user,
  sessionId: session.id,
  scopes: null,
})

/** Who it is: a change of it makes everything that was read before somebody else's. */
export const identityOf = (me: Me | null | undefined): string | null | undefined =>
  me ? (me.kind === 'user' ? `user ${me.user.id}` : `key ${me.keyId}`) : me
