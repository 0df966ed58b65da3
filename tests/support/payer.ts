import { randomUUID } from 'node:crypto'
import { type Address, encodeFunctionData, erc20Abi, type Hash, type Hex, numberToHex } from 'viem'
import { type Client, createClient } from '../../client-sdk/index.ts'
import { mintUsdc } from '../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import type { AcceptedPayment, Wallet, WalletCalls } from '../../server/contract/entities.ts'
import { type Person, person } from './people.ts'
import { USDC, type World } from './world.ts'

/** What a wallet sends to the chain. */
export interface Sending {
  to: Address
  data: Hex
  gas?: bigint
  nonce?: number
  tip?: bigint
}

/** Someone who signed in with a wallet of their own, and has gas and USDC in it. */
export interface Payer {
  person: Person
  /** Their browser, signed in. */
  client: Client
  wallet: Wallet
  address: Address
  /** Accepts a payment of a paywall from their wallet, or from another. */
  accept(paywall: { id: string }, from?: { id: string }): Promise<AcceptedPayment>
  /** Signs and sends what was handed out, as wallets do; `change` is what somebody else would have them do. */
  send(calls: Pick<WalletCalls, 'calls'> | Sending, change?: Partial<Sending>): Promise<Hash>
}

/** `amount` is the USDC that they have, in base units. */
export async function payer(
  world: World,
  options: Parameters<typeof person>[1] & { amount?: bigint } = {},
): Promise<Payer> {
  const { amount = 100n * USDC, ...who } = options
  const someone = await person(world, who)
  const { account, headers, appId } = someone
  const { address } = account
  const [client] = [createClient({ url: options.url ?? world.url, fetch: withHeaders(headers) })]
  await Promise.all([
    amount > 0n ? mintUsdc(world.chain.url, { to: address, amount }) : null,
    rpc(world.chain.url, 'anvil_setBalance', [address, numberToHex(10n ** 20n)]),
  ])
  const { items } = await client.wallets.list.query({ owner: address })
  const [wallet] = items
  if (!wallet) throw new Error(`${address} has no wallet in app ${appId}`)
  return {
    person: someone,
    client,
    wallet,
    address,
    accept: ({ id: paywallId }, from = wallet) =>
      client.payments.create.mutate({ paywallId, walletId: from.id, idempotencyKey: randomUUID() }),
    async send(what, change = {}) {
      const { to, data, gas = 200_000n, nonce, tip = 1n } = { ...('calls' in what ? what.calls[0]! : what), ...change }
      const next = await rpc<Hex>(world.chain.url, 'eth_getTransactionCount', [address, 'pending'])
      const serialized = await account.signTransaction({
        ...{ type: 'eip1559', chainId: world.chain.chainId, to, data, gas },
        nonce: nonce ?? Number(next),
        maxPriorityFeePerGas: tip * 10n ** 9n,
        maxFeePerGas: tip * 100n * 10n ** 9n,
      })
      return rpc<Hash>(world.chain.url, 'eth_sendRawTransaction', [serialized])
    },
  }
}

/** The calldata of a transfer. */
export const transferData = (to: Address, amount: bigint): Hex =>
  encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, amount] })

const withHeaders =
  (extra: Record<string, string>): typeof fetch =>
  (input, init) => {
    const headers = new Headers(init?.headers)
    for (const [name, value] of Object.entries(extra)) headers.set(name, value)
    return fetch(input, { ...init, headers })
  }
