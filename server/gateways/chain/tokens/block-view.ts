import { type Address, BaseError, type Hash, type Hex, hexToBigInt, isHex, RpcRequestError } from 'viem'
import { ChainUnavailable } from '../chain.ts'
import type { Rpc } from '../rpc.ts'

/** A call that changes nothing, because nobody signs it. Without `from` it is made by the zero address. */
export interface ReadCall {
  to: Address
  data: Hex
  from?: Address
}

/** How a call ended: with its return data, or the revert data where there is some. */
export type Attempt = { accepted: true; data: Hex } | { accepted: false; data: Hex | null }

/** A chain as it stood after one block: whatever is read through a view is of the same moment. */
export interface BlockView {
  number: bigint
  hash: Hash
  /**
   * Makes calls apart from one another and tells how each ended, in their order, and all in one request.
   *
   * @throws ChainUnavailable when the node does not answer each of them
   */
  attempt(calls: readonly ReadCall[]): Promise<Attempt[]>
  /** `0x` where there is no contract. @throws ChainUnavailable */
  code(address: Address): Promise<Hex>
}

/**
 * Looks at the newest block. Everything is asked of the node by that block's hash, with no contract of ours in between: an L1 that says who
 * may deploy contracts refuses them in calls as well, and has none for many calls at once.
 *
 * @throws ChainUnavailable
 */
export async function viewNewestBlock(rpc: Pick<Rpc, 'request'>): Promise<BlockView> {
  const block = await rpc.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }).catch((error) => {
    throw unavailable('its newest block', error)
  })
  if (!isBlock(block)) throw new ChainUnavailable('The node did not answer with a block')
  return viewBlock(rpc, { number: hexToBigInt(block.number), hash: block.hash })
}

/** Looks at a block that a node has told of. */
export function viewBlock(
  { request }: Pick<Rpc, 'request'>,
  { number, hash }: Pick<BlockView, 'number' | 'hash'>,
): BlockView {
  const at = { blockHash: hash, requireCanonical: true }

  async function attemptOne({ to, data, from }: ReadCall): Promise<Attempt> {
    const call = from ? { from, to, data } : { to, data }
    try {
      const answer = await request({ method: 'eth_call', params: [call, at] })
      if (!isHex(answer)) throw new ChainUnavailable('The node answered a call with something that is not data')
      return { accepted: true, data: answer }
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal) return refusal
      throw unavailable('a call', error)
    }
  }

  return {
    number,
    hash,
    attempt: (calls) => Promise.all(calls.map(attemptOne)),
    code: async (address) => {
      const code = await request({ method: 'eth_getCode', params: [address, at] }).catch((error) => {
        throw unavailable('a contract’s code', error)
      })
      if (!isHex(code)) throw new ChainUnavailable('The node answered with something that is not code')
      return code
    },
  }
}

/** Nodes word a failure of the called code differently, and only sometimes say that there is data. */
const failures = /revert|invalid opcode|InvalidFEOpcode|out of ?gas|stack (underflow|limit)|invalid jump|EVM error/i

function refusalOf(error: unknown): Attempt | null {
  if (!(error instanceof BaseError)) return null
  const answer = error.walk((cause) => cause instanceof RpcRequestError) as RpcRequestError | null
  if (!answer) return null
  const given = (answer.data as { data?: unknown } | null | undefined)?.data ?? answer.data
  const data = isHex(given) && given !== '0x' ? given : null
  return data || answer.code === 3 || failures.test(answer.details) ? { accepted: false, data } : null
}

function unavailable(question: string, error: unknown): ChainUnavailable {
  if (error instanceof ChainUnavailable) return error
  // the URL of a node often holds its key
  const cause = error instanceof BaseError ? new Error(`${error.name}: ${error.shortMessage}`) : error
  return new ChainUnavailable(`The chain did not answer ${question}`, { cause })
}

function isBlock(value: unknown): value is { hash: Hash; number: Hex } {
  const block = value as { hash?: unknown; number?: unknown } | null
  return isHex(block?.hash) && block.hash.length === 66 && isHex(block?.number) && block.number !== '0x'
}
