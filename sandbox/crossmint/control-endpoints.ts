import { type Address, isAddress, toHex } from 'viem'
import { mintUsdc } from '../chain/deploy-contracts.ts'
import { reorganize } from '../chain/disturb-chain.ts'
import { rpc } from '../chain/rpc.ts'
import { refuse } from './errors.ts'
import { type FaultSpec, faultVariants } from './faults.ts'
import type { EntryType } from './journal.ts'
import type { Behaviour, RateLimit, RelayerOptions, WebhookEndpoint } from './options.ts'
import type { RateLimiter } from './rate-limit.ts'
import type { ProviderFailure } from './records.ts'
import type { Simulator } from './simulator.ts'
import { fail, release } from './transaction-states.ts'
import { viewTransaction } from './transactions.ts'
import type { Outcome } from './wire-faults.ts'

export type Control = (method: string, path: string, query: URLSearchParams, body: unknown) => Promise<Outcome>

export interface Funding {
  address: Address
  /** Base units of USDC, in decimal digits. */
  amount: string
  /** A slug; the first chain by default. */
  chain?: string
}

export interface Settings {
  behaviour?: Partial<Behaviour>
  relayer?: Partial<RelayerOptions>
  rateLimit?: RateLimit | 'unlimited'
}

/** What tests and the sandbox may do to the simulator; none of it exists at the real Crossmint. */
export function createControl(
  simulator: Simulator,
  limiter: RateLimiter,
  initial: {
    webhook: WebhookEndpoint | null
    behaviour: Behaviour
    relayer: RelayerOptions
    rateLimit: RateLimit | 'unlimited'
  },
): Control {
  const { store, faults, journal, behaviour, relaying, chains, webhooks } = simulator

  function transactionOf(id: string) {
    const transaction = store.maps.transaction.get(id)
    if (!transaction) throw refuse(404, `Transaction not found: ${id}`)
    return transaction
  }

  function chainOf(slug: string | undefined) {
    const chain = slug === undefined ? [...chains.values()][0] : chains.get(slug)
    if (!chain) throw refuse(400, `Unknown chain: ${slug}`)
    return chain
  }

  const actions: Record<string, (given: { id: string; query: URLSearchParams; body: never }) => unknown> = {
    'GET /_sim/health': () => ({ ok: true, chains: [...chains.keys()] }),

    'POST /_sim/reset': ({ body }: { body: { state?: boolean } | undefined }) => {
      faults.clear()
      journal.clear()
      limiter.set(initial.rateLimit)
      Object.assign(behaviour, initial.behaviour)
      Object.assign(relaying, initial.relayer)
      webhooks.setEndpoint(initial.webhook)
      if (body?.state) store.clear()
    },

    'GET /_sim/faults': () => faults.list(),
    'POST /_sim/faults': ({ body }: { body: FaultSpec }) => {
      const variants: readonly string[] | undefined = faultVariants[body.mode]
      if (!variants) throw refuse(400, `Unknown fault mode: ${body.mode}`)
      if (body.variant !== undefined && !variants.includes(body.variant)) {
        throw refuse(400, `Fault ${body.mode} has the variants ${variants.join(', ')}`)
      }
      if (body.mode === 'F12' || body.mode === 'F15') {
        throw refuse(400, `${body.mode} happens to the chain: use reorg, or reset the chain`)
      }
      return faults.inject(body)
    },
    'DELETE /_sim/faults': () => faults.clear(),
    'DELETE /_sim/faults/:id': ({ id }) => faults.clear(Number(id)),

    'GET /_sim/wallets': () => [...store.maps.wallet.values()],
    'GET /_sim/transactions': () => [...store.maps.transaction.values()].map(viewTransaction),
    'POST /_sim/transactions/:id/advance': ({
      id,
      body,
    }: {
      id: string
      body: { error?: ProviderFailure } | undefined
    }) => {
      const transaction = transactionOf(id)
      if (body?.error) {
        transaction.hold = null
        simulator.relayers.get(transaction.chain)!.forget(transaction)
        fail(simulator, transaction, body.error)
      } else release(simulator, transaction)
      return viewTransaction(transaction)
    },

    'POST /_sim/fund': async ({ body }: { body: Funding | Funding[] }) => {
      for (const [slug, fundings] of Map.groupBy([body].flat(), ({ chain }) => chain)) {
        if (!fundings.every(({ address }) => isAddress(address))) throw refuse(400, 'fund: invalid address')
        const mints = fundings.map(({ address, amount }) => ({ to: address, amount: BigInt(amount) }))
        await mintUsdc(chainOf(slug).rpcUrl, ...mints)
      }
    },

    'GET /_sim/journal': ({ query }) => {
      const type = (query.get('type') ?? undefined) as EntryType | undefined
      return journal.read({ ...(type && { type }), since: Number(query.get('since') ?? 0) })
    },
    'DELETE /_sim/journal': () => journal.clear(),

    'PUT /_sim/webhook': ({ body }: { body: WebhookEndpoint | null }) => webhooks.setEndpoint(body),
    'GET /_sim/webhooks': () => [...store.maps.message.values()],
    'POST /_sim/webhooks/:id/resend': ({ id }) => {
      const message = store.maps.message.get(id)
      if (!message) throw refuse(404, `Message not found: ${id}`)
      webhooks.resend(message)
    },

    'PATCH /_sim/settings': ({ body }: { body: Settings }) => {
      Object.assign(behaviour, body.behaviour)
      Object.assign(relaying, body.relayer)
      if (body.rateLimit) limiter.set(body.rateLimit)
      return { behaviour, relayer: relaying }
    },

    'POST /_sim/clock': ({ body }: { body: { advance: number } }) => limiter.advance(body.advance),

    'POST /_sim/reorg': async ({ body }: { body: { chain?: string; depth: number; resend?: boolean } }) => {
      const chain = chainOf(body.chain)
      const head = Number(await rpc(chain.rpcUrl, 'eth_blockNumber'))
      const { removed } = await reorganize(chain.rpcUrl, body.depth)
      const hit = [...store.maps.transaction.values()].filter(({ txId }) => txId !== null && removed.includes(txId))
      faults.note('F12', 'reorg', {}, { chain: chain.slug, head: toHex(head), depth: body.depth, removed })
      if (body.resend) {
        for (const transaction of hit) transaction.status = 'pending'
        simulator.relayers.get(chain.slug)!.requeue(hit)
      }
      return { removed, transactions: hit.map(({ id }) => id) }
    },
  }

  return async (method, path, query, body) => {
    const [, root, noun, id = '', verb] = path.split('/')
    const name = `${method} /${root}/${noun}${id ? '/:id' : ''}${verb ? `/${verb}` : ''}`
    const action = actions[name]
    if (!action) throw refuse(404, `Cannot ${method} ${path}`)
    const result = await action({ id: decodeURIComponent(id), query, body: body as never })
    return { kind: 'answer', status: 200, body: result ?? null }
  }
}
