import { type Config, sendTransaction, switchChain } from '@wagmi/core'
import type { Hash, WalletCalls, WalletSender } from '../index.ts'
import { connected } from './connected.ts'
import { isOfAnotherChain, isOutOfGas, isRejection, walletError } from './wallet-error.ts'

/**
 * The connected wallet as `pay` takes it, for payments from a wallet of the person's own. It sees to it that the connected account is the
 * payment's, changes the wallet's network if it has to (and adds it, if the wallet does not know it), and asks the person to sign.
 *
 * @example
 * import { pay } from '@provider-service/client'
 * import { wallet } from '@provider-service/client/wagmi'
 *
 * await pay(client, { paywallId, walletId, wallet: wallet(config) })
 *
 * @throws ProviderServiceError WALLET_FAILED without a connected wallet. Its `sendCalls`: WALLET_REJECTED when the person says no, WRONG_CHAIN when
 *   the wallet stays on another network, WALLET_FAILED otherwise, with `details.reason` `not_connected`, `other_account`, `no_gas` or `failed`
 */
export function wallet(config: Config): WalletSender {
  return {
    address: connected(config).address,
    async sendCalls({ chain, from, calls }: WalletCalls) {
      const connection = connected(config)
      // signing for another account would pay, and for nobody
      if (connection.address.toLowerCase() !== from.toLowerCase())
        throw walletError(
          'WALLET_FAILED',
          `This payment is from ${short(from)}, and ${short(connection.address)} is connected. Choose ${short(from)} in your wallet, then try again.`,
          'other_account',
        )
      const chainId = Number(chain.slice('eip155:'.length))
      await changeTo(config, chainId)
      let hash: Hash | undefined
      for (const call of calls) hash = await send(config, { ...call, account: from, chainId })
      return hash!
    },
  }
}

async function changeTo(config: Config, chainId: number): Promise<void> {
  const { connector } = connected(config)
  if ((await connector.getChainId().catch(() => null)) === chainId) return
  try {
    await switchChain(config, { chainId, connector })
  } catch (cause) {
    throw wrongChain(config, chainId, cause)
  }
}

async function send(
  config: Config,
  call: { account: Hash; chainId: number; to: Hash; data: Hash; value: bigint },
): Promise<Hash> {
  const { connector } = connected(config)
  try {
    return await sendTransaction(config, { ...call, connector })
  } catch (cause) {
    if (isRejection(cause))
      throw walletError(
        'WALLET_REJECTED',
        'You did not confirm the payment in your wallet. Nothing was paid; try again when you want to.',
        'rejected',
        cause,
      )
    if (isOfAnotherChain(cause)) throw wrongChain(config, call.chainId, cause)
    if (isOutOfGas(cause)) {
      const { nativeCurrency, name } = networkOf(config, call.chainId)
      throw walletError(
        'WALLET_FAILED',
        `Your wallet has not enough ${nativeCurrency} for the fee of ${name}. Add some, then try again.`,
        'no_gas',
        cause,
      )
    }
    throw walletError(
      'WALLET_FAILED',
      'Your wallet did not say that it sent the payment. Look in your wallet whether it did, before you try again.',
      'failed',
      cause,
    )
  }
}

const wrongChain = (config: Config, chainId: number, cause: unknown) => {
  const { name } = networkOf(config, chainId)
  return walletError(
    'WRONG_CHAIN',
    `Your wallet is on another network and did not change. Change it to ${name}, then try again.`,
    'wrong_chain',
    cause,
  )
}

function networkOf(config: Config, chainId: number): { name: string; nativeCurrency: string } {
  const chain = config.chains.find(({ id }) => id === chainId)
  return { name: chain?.name ?? `chain ${chainId}`, nativeCurrency: chain?.nativeCurrency.symbol ?? 'of its currency' }
}

const short = (address: string) => `${address.slice(0, 6)}…${address.slice(-4)}`
