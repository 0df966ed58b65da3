import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ProviderServiceError, type SignedIn, type Signer, signIn } from '../index.ts'
import { becomes } from './becomes.ts'
import { useProvided } from './context.ts'
import { meOf } from './me.ts'

export interface SigningIn {
  /** Has the wallet sign, and signs its owner in. Rejects with what `error` then is. */
  signIn(signer: Signer): Promise<SignedIn>
  isPending: boolean
  error: ProviderServiceError | null
  reset(): void
}

/**
 * Signs people in with their wallet. Everything that was shown to whoever was there before is read again.
 *
 * @example
 * import { signer } from '@provider-service/client/wagmi'
 *
 * const { signIn, isPending, error } = useSignIn()
 * <button disabled={isPending} onClick={() => signIn(signer(config)).catch(() => {})}>Sign in</button>
 * {error && <p role="alert">{explain(error).sentence}</p>}
 *
 * @throws ProviderServiceError from `signIn`: as that of the package
 */
export function useSignIn(): SigningIn {
  const { client, appId } = useProvided()
  const queryClient = useQueryClient()
  const { mutateAsync, isPending, error, reset } = useMutation<SignedIn, ProviderServiceError, Signer>({
    mutationFn: (signer) => signIn(client, { appId, signer }),
    onSuccess: (signedIn) => becomes(queryClient, meOf(signedIn, appId)),
  })
  return { signIn: mutateAsync, isPending, error, reset }
}
