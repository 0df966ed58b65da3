import { createWalletClient, type Hex, hexToBigInt, hexToNumber, http, type RpcTransactionRequest } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { BrowserWallet } from './buy.ts'

/** A wallet for programs: signs whatever it is asked to with one key. Not for a key that holds anything. */
export function walletOfKey(key: Hex, rpcUrl: string): BrowserWallet {
  const account = privateKeyToAccount(key)
  const client = createWalletClient({ account, transport: http(rpcUrl) })
  return {
    async request({ method, params }) {
      switch (method) {
        case 'eth_requestAccounts':
        case 'eth_accounts':
          return [account.address]
        case 'wallet_switchEthereumChain': {
          const [{ chainId }] = params as [{ chainId: Hex }]
          const here = await client.getChainId()
          if (hexToNumber(chainId) === here) return null
          throw new Error(`This wallet is on chain ${here}, not on ${hexToNumber(chainId)}.`)
        }
        case 'eth_sendTransaction': {
          const [{ to, data, value }] = params as [Required<Pick<RpcTransactionRequest, 'to' | 'data' | 'value'>>]
          return client.sendTransaction({ to, data, value: hexToBigInt(value), chain: null })
        }
        default:
          return client.request({ method, params } as Parameters<typeof client.request>[0])
      }
    },
  }
}
