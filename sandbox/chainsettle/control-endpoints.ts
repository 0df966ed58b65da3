import { type Hash, isAddress } from 'viem'
import { reorganize } from '../chain/disturb-chain.ts'
import { rpc } from '../chain/rpc.ts'
import { type CallbackToSend, sendCallback } from './callback.ts'
import { type FaultSpec, faultModes } from './faults.ts'
import type { EntryType } from './journal.ts'
import { Refusal } from './refusal.ts'
import { type Proposal, statuses } from './registry.ts'
import { attestSubject, propose, type SubjectToAttest, stages, vote } from './settle.ts'
import type { Lie, Simulator } from './simulator.ts'

export interface Settings {
  /** Whether the validators vote as soon as something is proposed over HTTP. */
  automaticVotes?: boolean
}

export type Control = (method: string, path: string, query: URLSearchParams, body: unknown) => Promise<unknown>

/** What tests and the sandbox may do to the simulator; none of it exists at the real Chainsettle. */
export function createControl(simulator: Simulator): Control {
  const { registry, faults, journal, lies, options, voting } = simulator

  const actions: Record<string, (given: { id: Hash; query: URLSearchParams; body: never }) => unknown> = {
    'GET /_sim/health': () => ({ ok: true, chainId: options.chainId }),

    'POST /_sim/reset': () => {
      faults.clear()
      journal.clear()
      lies.clear()
      voting.automatic = true
    },

    'GET /_sim/faults': () => faults.list(),
    'POST /_sim/faults': ({ body }: { body: FaultSpec }) => {
      if (!faultModes.includes(body.mode)) throw new Refusal(400, `Unknown fault mode: ${body.mode}`)
      return faults.inject(body)
    },
    'DELETE /_sim/faults': () => faults.clear(),
    'DELETE /_sim/faults/:id': ({ id }) => faults.clear(Number(id)),

    'POST /_sim/settlements': async ({ body }: { body: SubjectToAttest }) => {
      if (!isAddress(body.subject)) throw new Refusal(400, 'The subject is not an address')
      if (body.stage !== undefined && !stages.includes(body.stage))
        throw new Refusal(400, `Unknown stage: ${body.stage}`)
      return { idHash: await attestSubject(simulator, body) }
    },
    'GET /_sim/settlements/:id': ({ id }) => registry.standing(id),
    'POST /_sim/settlements/:id/propose': async ({ id, body }: { id: Hash; body: { outcome: Proposal } }) => {
      const standing = await registry.standing(id)
      if (!standing) throw new Refusal(404, 'Settlement not found')
      await propose(simulator, id, body.outcome, standing.docHash)
    },
    'POST /_sim/settlements/:id/vote': ({ id, body }: { id: Hash; body: { agree?: boolean; count?: number } }) =>
      vote(simulator, id, body),
    'PUT /_sim/settlements/:id/lie': ({ id, body }: { id: Hash; body: Lie | null }) => {
      if (body && !statuses.includes(body.status)) throw new Refusal(400, `Unknown status: ${body.status}`)
      if (body) lies.set(id, body)
      else lies.delete(id)
    },

    'POST /_sim/callbacks': async ({ body }: { body: CallbackToSend }) => ({
      status: await sendCallback(simulator, body),
    }),

    'PATCH /_sim/settings': ({ body }: { body: Settings }) => {
      if (body.automaticVotes !== undefined) voting.automatic = body.automaticVotes
    },

    'GET /_sim/journal': ({ query }) => {
      const type = (query.get('type') ?? undefined) as EntryType | undefined
      return journal.read({ ...(type && { type }), since: Number(query.get('since') ?? 0) })
    },
    'DELETE /_sim/journal': () => journal.clear(),

    'POST /_sim/mine': ({ body }: { body: { blocks: number } }) =>
      rpc(options.rpcUrl, 'anvil_mine', [`0x${body.blocks.toString(16)}`]),
    'POST /_sim/clock': async ({ body }: { body: { advance: number } }) => {
      await rpc(options.rpcUrl, 'evm_increaseTime', [body.advance])
      await rpc(options.rpcUrl, 'evm_mine')
    },
    'POST /_sim/reorg': ({ body }: { body: { depth: number } }) => reorganize(options.rpcUrl, body.depth),
  }

  return async (method, path, query, body) => {
    const [, root, noun, id = '', verb] = path.split('/')
    const name = `${method} /${root}/${noun}${id ? '/:id' : ''}${verb ? `/${verb}` : ''}`
    const action = actions[name]
    if (!action) throw new Refusal(404, `Cannot ${method} ${path}`)
    return (
      (await action({ id: id.toLowerCase() as Hash, query, body: (body === undefined ? {} : body) as never })) ?? null
    )
  }
}
