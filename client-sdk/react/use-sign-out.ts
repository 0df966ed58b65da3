import { useMutation, useQueryClient } from '@tanstack/react-query'
import { isProviderError, type ProviderServiceError, signOut } from '../index.ts'
import { becomes } from './becomes.ts'
import { useService } from './context.ts'

export interface SigningOut {
  /** Ends this session, or all of the person's. Rejects with what `error` then is. */
  signOut(options?: { everywhere?: boolean }): Promise<void>
  isPending: boolean
  error: ProviderServiceError | null
}

/**
 * Signs out. Nothing that was shown to the person is kept.
 *
 * @example
 * const { signOut } = useSignOut()
 * <button onClick={() => signOut().catch(() => {})}>Sign out</button>
 *
 * @throws ProviderServiceError from `signOut`, but not for a session that has ended already
 */
export function useSignOut(): SigningOut {
  const client = useService()
  const queryClient = useQueryClient()
  const { mutateAsync, isPending, error } = useMutation<
    void,
    ProviderServiceError,
    { everywhere?: boolean } | undefined
  >({
    async mutationFn(options) {
      try {
        await signOut(client, options)
      } catch (error) {
        if (!isProviderError(error, 'UNAUTHENTICATED')) throw error
      }
    },
    onSuccess: () => becomes(queryClient, null),
  })
  return { signOut: mutateAsync, isPending, error }
}
