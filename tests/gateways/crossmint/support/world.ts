import { type Address, encodeFunctionData } from 'viem'
import { deployContracts } from '../../../../sandbox/chain/deploy-contracts.ts'
import { startChain } from '../../../../sandbox/chain/start-chain.ts'
import { usdcAbi } from '../../../../sandbox/contracts/abi.ts'
import { controlOf } from '../../../../sandbox/crossmint/control.ts'
import { startCrossmint } from '../../../../sandbox/crossmint/start-crossmint.ts'
import { type CrossmintOptions, createCrossmint } from '../../../../server/gateways/crossmint/create-crossmint.ts'
import type { Call, ProviderTransaction } from '../../../../server/gateways/wallet-provider.ts'
import { chainId, signer } from './answers.ts'

export const apiKey = 'sk_staging_gatewaytests'
export const merchant: Address = '0x2222222222222222222222222222222222222222'

/** A local chain with the contracts, the simulated Crossmint in front of it, and gateways to it. */
export async function startWorld(options: Partial<Parameters<typeof startCrossmint>[0]> = {}) {
  const stack = new AsyncDisposableStack()
  const chain = stack.use(await startChain({ chainId }))
  const { factory, usdc } = await deployContracts(chain.url)
  const crossmint = stack.use(
    await startCrossmint({
      apiKeys: [{ key: apiKey, projectId: 'project-1' }],
      chains: { 'avalanche-fuji': { rpcUrl: chain.url, chainId, usdc, factory } },
      rateLimit: 'unlimited',
      ...options,
    }),
  )
  const control = controlOf(crossmint.url)
  let wallets = 0

  const connect = (change: Partial<CrossmintOptions> = {}) =>
    createCrossmint({ baseUrl: crossmint.url, apiKey, signer, rateLimit: 'unlimited', timeout: 2000, ...change })

  return {
    url: crossmint.url,
    usdc,
    control,
    connect,

    /** A new wallet with that much USDC, in base units. */
    async fundedWallet(amount: bigint): Promise<Address> {
      const owner = `app.user-${++wallets}`
      const { address } = await connect().createWallet({ owner, idempotencyKey: owner })
      await control.fund({ address, amount, chain: 'avalanche-fuji' })
      return address
    },

    transfer(amount: bigint, to: Address = merchant): Call {
      const data = encodeFunctionData({ abi: usdcAbi, functionName: 'transfer', args: [to, amount] })
      return { to: usdc, value: 0n, data }
    },

    /** USDC in base units, as Crossmint tells it. */
    async balance(wallet: Address): Promise<bigint> {
      const balances = await connect().client.getBalances(wallet, { tokens: ['usdc'], chains: ['avalanche-fuji'] })
      return balances[0]!.rawAmount
    },

    /** Reads until the transaction has ended. */
    async ended(wallet: Address, reference: string): Promise<ProviderTransaction> {
      const gateway = connect()
      for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
        const transaction = await gateway.get(wallet, reference)
        if (transaction.state === 'success' || transaction.state === 'failed') return transaction
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      throw new Error(`Transaction ${reference} did not end in time`)
    },

    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export type World = Awaited<ReturnType<typeof startWorld>>
