import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useService } from './context.ts'
import { keepLive } from './live.ts'
import { identityOf } from './me.ts'
import { useMe } from './use-me.ts'

/** Follows events in the name of whoever is there. */
export function useLive(): void {
  const client = useService()
  const queryClient = useQueryClient()
  const identity = identityOf(useMe().me)
  const [first, setFirst] = useState(identity)
  if (first === undefined && identity) setFirst(identity)
  // begun before it is known who that is, in one request with what the page reads: it need not be read again then
  const follows = identity !== null && (identity === undefined || identity === first) ? 'first' : identity
  useEffect(() => {
    if (follows === null) return
    const leaving = new AbortController()
    void keepLive(client, queryClient, leaving.signal)
    return () => leaving.abort()
  }, [client, queryClient, follows])
}
