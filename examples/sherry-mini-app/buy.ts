import { createMetadata, type DynamicAction, DynamicActionExecutor, type Metadata } from '@sherrylinks/sdk'
import { type Address, getAddress, type Hash, numberToHex, parseTransaction } from 'viem'

/** A wallet as pages find it (EIP-1193), such as `window.ethereum`. */
export interface BrowserWallet {
  request(call: { method: string; params?: unknown }): Promise<unknown>
}

/** What is about to be signed, for the person to agree to. */
export interface Offer {
  title: string
  label: string
  description: string
  chainId: number
  from: Address
  /** The contract that is called, and what it is sent of the chain's own coin. */
  to: Address
  value: bigint
}

export interface Purchase {
  /** Where the mini-app is: `https://provider.example.com/sherry/paywalls/ID`. */
  miniApp: string
  wallet: BrowserWallet
  /** The app in which it is unlocked, such as Payer Tiger. */
  app: string
  /** Asks the person; without it whatever the mini-app wants is signed. */
  confirm?: (offer: Offer) => boolean | Promise<boolean>
  /** Ends the waiting for the chain, not the payment. */
  signal?: AbortSignal
}

export interface Bought {
  hash: Hash
  /** Where whoever paid signs in with that wallet and gets what they paid for. */
  claimUrl: string
}

/**
 * Buys what a mini-app sells: loads it, has the SDK ask for the transaction, has the wallet sign and send it, and waits for its receipt.
 * That it is paid unlocks nothing yet: only at `claimUrl` does somebody say who they are.
 *
 * @throws Error with a sentence for the person
 */
export async function buy({ miniApp, wallet, app, confirm, signal }: Purchase): Promise<Bought> {
  const metadata = await load(miniApp)
  const [action] = metadata.actions as DynamicAction[]
  const [from] = (await wallet.request({ method: 'eth_requestAccounts' })) as [Address]

  const executor = new DynamicActionExecutor(metadata.baseUrl)
  const { serializedTransaction } = await executor.execute(action!, {}, { userAddress: from })

  const { to, data, value = 0n, chainId } = parseTransaction(serializedTransaction as `0x${string}`)
  if (!to || !data || !chainId) throw new Error('The mini-app answered with no transaction that can be signed.')
  const { label, description = '' } = action!
  if (
    confirm &&
    !(await confirm({ title: metadata.title, label, description, chainId, from, to: getAddress(to), value }))
  )
    throw new Error('You decided not to pay.')

  await wallet.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: numberToHex(chainId) }] })
  const hash = (await wallet.request({
    method: 'eth_sendTransaction',
    params: [{ from, to, data, value: numberToHex(value) }],
  })) as Hash
  await included(wallet, hash, signal)

  const claim = new URL('/claim', app)
  claim.searchParams.set('paywall', new URL(miniApp).pathname.split('/').at(-1)!)
  claim.searchParams.set('hash', hash)
  return { hash, claimUrl: claim.href }
}

/** The mini-app, in the words of the SDK's version, and valid by its own check. */
export async function load(miniApp: string): Promise<Metadata> {
  const url = new URL(miniApp)
  url.searchParams.set('sdk', '2.20')
  const response = await fetch(url)
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error ?? `The mini-app answered ${response.status}.`)
  return createMetadata(answer) as Metadata
}

const PAUSE = 500

/** Resolves when a block carries the transaction and it had its effect. */
async function included(wallet: BrowserWallet, hash: Hash, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const receipt = await wallet.request({ method: 'eth_getTransactionReceipt', params: [hash] })
    if (receipt !== null) {
      if ((receipt as { status: string }).status === '0x1') return
      throw new Error(`The chain carries ${hash}, without effect: nothing was paid but its fee.`)
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}
