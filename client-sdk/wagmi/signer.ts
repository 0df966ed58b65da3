import { type Config, signMessage } from '@wagmi/core'
import type { Signer } from '../index.ts'
import { connected } from './connected.ts'
import { isRejection, walletError } from './wallet-error.ts'

/**
 * The connected wallet as `signIn` takes it. Make one when somebody asks to sign in: it is the account and the chain of that moment.
 *
 * @example
 * import { signIn } from '@provider-service/client'
 * import { signer } from '@provider-service/client/wagmi'
 *
 * await signIn(client, { appId, signer: signer(config) })
 *
 * @throws ProviderServiceError WALLET_FAILED without a connected wallet; its `signMessage` WALLET_REJECTED when the person says no,
 *   WALLET_FAILED when the wallet cannot
 */
export function signer(config: Config): Signer {
  const { address, chainId, connector } = connected(config)
  return {
    address,
    chainId,
    async signMessage(message) {
      try {
        return await signMessage(config, { account: address, connector, message })
      } catch (cause) {
        if (isRejection(cause))
          throw walletError(
            'WALLET_REJECTED',
            'You did not sign the message in your wallet. Try again when you want to.',
            'rejected',
            cause,
          )
        throw walletError(
          'WALLET_FAILED',
          'Your wallet could not sign the message. Open it, see that it is unlocked, and try again.',
          'failed',
          cause,
        )
      }
    },
  }
}
