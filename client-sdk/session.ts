import type { Address, SignedIn } from '../server/contract/entities.ts'
import type { Client } from './client.ts'

/** A wallet that can sign a message. */
export interface Signer {
  address: Address
  /** The chain the wallet is on: a contract wallet is asked there whether it signed. */
  chainId: number
  signMessage(message: string): Promise<`0x${string}`>
}

export interface SignInOptions {
  appId: string
  signer: Signer
}

/**
 * Signs a wallet's owner in: the service writes a message, the wallet signs it, and the browser gets a session cookie that scripts
 * cannot read, in place of the one it had.
 *
 * @throws ProviderServiceError: `ORIGIN_NOT_ALLOWED` from a page that is not one of the app's, `SIGN_IN_FAILED`, `RATE_LIMITED`; what the
 *   signer says
 *
 * @example
 * const { user } = await signIn(client, { appId, signer })
 */
export async function signIn(client: Client, { appId, signer }: SignInOptions): Promise<SignedIn> {
  const { address, chainId } = signer
  const { nonce, message } = await client.auth.challenge.mutate({ appId, address, chainId })
  return client.auth.verify.mutate({ nonce, signature: await signer.signMessage(message) })
}

/**
 * Ends the session of this browser, or `everywhere` all of the user's.
 *
 * @example
 * await signOut(client)
 */
export const signOut = (client: Client, { everywhere = false } = {}): Promise<{ ended: number }> =>
  client.auth.signOut.mutate({ everywhere })
