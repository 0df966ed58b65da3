import { useQuery } from '@tanstack/react-query'
import type { Me, ProviderServiceError } from '../index.ts'
import { useService } from './context.ts'
import { meQuery } from './me.ts'
import { whileAway } from './while-away.ts'

export interface WhoIsThere {
  /** Who is signed in; null is nobody, undefined is not known yet: show neither then. */
  me: Me | null | undefined
  error: ProviderServiceError | null
}

/**
 * Who is signed in.
 *
 * @example
 * const { me } = useMe()
 * if (me === undefined) return null
 * return me ? <SignOut /> : <SignIn />
 */
export function useMe(): WhoIsThere {
  const { data: me, error } = useQuery<Me | null, ProviderServiceError>({
    ...meQuery(useService()),
    refetchInterval: whileAway,
  })
  return { me, error }
}
