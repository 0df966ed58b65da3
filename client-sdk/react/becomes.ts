import type { QueryClient } from '@tanstack/react-query'
import type { Me } from '../index.ts'
import { meKey } from './me.ts'
import { root } from './query-of.ts'

/** Somebody else is there now, or nobody: what was read before was for another, and is thrown away before it is read again. */
export async function becomes(queryClient: QueryClient, me: Me | null): Promise<void> {
  const others = {
    queryKey: [root],
    predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[1] !== 'auth',
  }
  await queryClient.cancelQueries({ queryKey: [root] })
  queryClient.setQueryData(meKey, me)
  queryClient.removeQueries({ ...others, type: 'inactive' })
  // not waited for: signing in and out are done
  void queryClient.resetQueries(others)
}
