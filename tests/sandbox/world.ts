import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, encodeFunctionData, type Hex, zeroAddress } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { deployContracts, sandboxContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { type ChainOptions, startChain } from '../../sandbox/chain/start-chain.ts'
import { usdcAbi } from '../../sandbox/contracts/abi.ts'
import { controlOf } from '../../sandbox/crossmint/control.ts'
import type { CrossmintOptions } from '../../sandbox/crossmint/options.ts'
import { startCrossmint } from '../../sandbox/crossmint/start-crossmint.ts'

export const { usdc, factory } = sandboxContracts
export const fuji = 'avalanche-fuji'
export const apiKey = 'sk_staging_test'
export const payee: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
export const secret = `whsec_${Buffer.from('a secret of the tests').toString('base64')}`

/** A chain with the sandbox's contracts. */
export async function testChain(options: Partial<ChainOptions> = {}) {
  const chain = await startChain({ chainId: 43_113, ...options })
  await deployContracts(chain.url)
  return chain
}

/** A simulator on that chain, with an API key for everything and no rate limit. */
export async function testCrossmint(rpcUrl: string, options: Partial<CrossmintOptions> = {}) {
  const crossmint = await startCrossmint({
    apiKeys: [{ key: apiKey, projectId: 'project-1' }],
    chains: { [fuji]: { rpcUrl, chainId: 43_113, usdc, factory } },
    rateLimit: 'unlimited',
    relayer: { broadcastDelay: 0, pollInterval: 20 },
    ...options,
  })
  return {
    ...crossmint,
    control: controlOf(crossmint.url),
    api: apiOf(crossmint.url),
  }
}

export type Api = ReturnType<typeof apiOf>

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape
type Json = any

/** The interface as a client calls it: bare HTTP. */
export function apiOf(url: string, key: string | null = apiKey, patience = 5_000) {
  async function call(method: string, path: string, body?: unknown, idempotencyKey?: string) {
    const response = await fetch(url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(key !== null && { 'x-api-key': key }),
        ...(idempotencyKey !== undefined && { 'x-idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patience),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Json }
  }
  const base = '/2025-06-09/wallets'
  return {
    call,
    createWallet: (owner: PrivateKeyAccount, more: object = {}, idempotencyKey?: string) =>
      call('POST', base, walletOf(owner, more), idempotencyKey),
    transact: (wallet: string, calls: object[], more: object = {}, idempotencyKey?: string) =>
      call('POST', `${base}/${wallet}/transactions`, { params: { calls, chain: fuji, ...more } }, idempotencyKey),
    get: (wallet: string, id: string) => call('GET', `${base}/${wallet}/transactions/${id}`),
    approve: async (wallet: string, id: string, owner: PrivateKeyAccount, message: Hex) =>
      call('POST', `${base}/${wallet}/transactions/${id}/approvals`, {
        approvals: [
          {
            signer: `external-wallet:${owner.address}`,
            signature: await owner.signMessage({ message: { raw: message } }),
          },
        ],
      }),
  }
}

export function walletOf(owner: PrivateKeyAccount, more: object = {}) {
  return {
    chainType: 'evm',
    type: 'smart',
    config: { adminSigner: { type: 'external-wallet', address: owner.address } },
    ...more,
  }
}

/** A wallet with an owner's key, and `amount` base units of USDC. */
export async function fundedWallet(world: Awaited<ReturnType<typeof testCrossmint>>, amount = 10_000_000n) {
  const owner = privateKeyToAccount(generatePrivateKey())
  const { body } = await world.api.createWallet(owner)
  const address: Address = body.address
  if (amount > 0n) await world.control.fund({ address, amount })
  return {
    owner,
    address,
    /** Created and approved. */
    async pay(value: bigint, to = payee, idempotencyKey?: string): Promise<string> {
      const created = await world.api.transact(address, [transfer(value, to)], {}, idempotencyKey)
      await world.api.approve(address, created.body.id, owner, created.body.onChain.userOperationHash)
      return created.body.id
    },
    /** The transaction, once it has that status. */
    ended: (id: string, status = 'success') =>
      eventually(async () => {
        const { body } = await world.api.get(address, id)
        return body.status === status ? body : null
      }),
  }
}

export function transfer(value: bigint, to: Address = payee) {
  return {
    to: usdc,
    value: '0',
    data: encodeFunctionData({ abi: usdcAbi, functionName: 'transfer', args: [to, value] }),
  }
}

export async function balanceOf(url: string, account: Address): Promise<bigint> {
  const data = encodeFunctionData({ abi: usdcAbi, functionName: 'balanceOf', args: [account] })
  return BigInt(await rpc<Hex>(url, 'eth_call', [{ from: zeroAddress, to: usdc, data }, 'latest']))
}

/** The first answer of `look` that is neither null, undefined nor false. */
export async function eventually<Fact>(
  look: () => Promise<Fact> | Fact,
  within = 8_000,
): Promise<NonNullable<Exclude<Fact, false>>> {
  for (const deadline = Date.now() + within; ; ) {
    const fact = await look()
    if (fact !== null && fact !== undefined && fact !== false) return fact as NonNullable<Exclude<Fact, false>>
    if (Date.now() > deadline) throw new Error(`It did not happen within ${within} ms`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}

export interface Received {
  headers: IncomingHttpHeaders
  text: string
  body: Json
}

/** An address for webhooks that remembers what came; `answer` gives the status of each. */
export async function webhookReceiver(answer: (received: Received, count: number) => number = () => 200) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one = { headers: request.headers, text, body: JSON.parse(text) }
    received.push(one)
    response.writeHead(answer(one, received.length)).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
