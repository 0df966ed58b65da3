import {
  BaseError,
  type EIP1193RequestFn,
  type Hex,
  HttpRequestError,
  hexToBigInt,
  http,
  RpcRequestError,
  TimeoutError,
  type Transport,
} from 'viem'

/** Where a chain's nodes are: one, or several that take over from each other, the preferred first. */
export type RpcUrl = string | readonly string[]

export interface RpcOptions {
  chainId: number
  rpcUrl: RpcUrl
  /** Milliseconds for one request to one node. */
  timeout: number
  /** Requests of the same moment go as one; how many at most. */
  batchSize?: number
}

type Asked = { method: string; params?: unknown }
type Options = { signal?: AbortSignal | undefined } | undefined
type Ask = (asked: Asked, options?: Options) => Promise<unknown>

/** The nodes of one chain. */
export interface Rpc {
  /** Asks a node, the next one when it does not answer, and again when none did: within bounds, whatever a node asks us to wait. */
  request: Ask
  /** The same for signed transactions: what goes wrong with one keeps no question from its answer. */
  send: Ask
  /** For viem's clients: `batched` puts requests of the same moment together, `single` sends each by itself. */
  transports: { batched: Transport; single: Transport }
  /**
   * Asks every node which chain it is of, and answers with how many did not tell.
   *
   * @throws WrongChain when one is of another
   */
  verify(): Promise<{ silent: number }>
}

/** A node is of another chain than it was configured for. Nothing it says counts. */
export class WrongChain extends Error {
  override readonly name = 'WrongChain'
}

/** Milliseconds to wait before nodes that failed are asked again: after each round of all of them. */
const pauses = [100, 300, 900]

/** A node may ask for any delay; nobody who waits for us would wait for longer than this. */
const longestPause = 1_000

/** Opens no connection before the first request. A node is asked which chain it is of before anything else. */
export function connectRpc({ chainId, rpcUrl, timeout, batchSize = 1_000 }: RpcOptions): Rpc {
  const urls = typeof rpcUrl === 'string' ? [rpcUrl] : rpcUrl
  if (urls.length === 0) throw new RangeError('A chain has one node at least')
  const nodes = urls.map((url, index) => {
    const open = (batch: false | { batchSize: number; wait: number }): Ask => {
      const { request } = http(url, { batch, retryCount: 0, timeout })({})
      return (asked, options) => (request as unknown as Ask)(asked, options)
    }
    return {
      place: index + 1,
      batched: open({ batchSize, wait: 2 }),
      sending: open({ batchSize, wait: 2 }),
      single: open(false),
      isVerified: false,
    }
  })
  type Node = (typeof nodes)[number]
  const verifying = new Map<Node, Promise<void>>()
  let preferred = 0

  async function verifyNow(node: Node): Promise<void> {
    const id = await node.single({ method: 'eth_chainId' })
    if (typeof id !== 'string' || !/^0x[0-9a-f]{1,16}$/i.test(id))
      throw new Error(`Node ${node.place} of chain ${chainId} does not tell which chain it is of`)
    if (hexToBigInt(id as Hex) !== BigInt(chainId))
      throw new WrongChain(`Node ${node.place} of chain ${chainId} is one of chain ${hexToBigInt(id as Hex)}`)
    node.isVerified = true
  }

  function verify(node: Node): Promise<void> {
    const running = verifying.get(node) ?? verifyNow(node).finally(() => verifying.delete(node))
    verifying.set(node, running)
    return running
  }

  const askThrough =
    (way: 'batched' | 'sending' | 'single'): Ask =>
    async (asked, options) => {
      const end = performance.now() + 2 * timeout
      let at = preferred
      for (let tries = 1; ; tries++) {
        const node = nodes[at]!
        try {
          if (!node.isVerified) await unlessAborted(verify(node), options?.signal)
          const answer = await node[way](asked, options)
          preferred = at
          return answer
        } catch (error) {
          const fault = faultOf(error)
          const most = fault === 'behind' ? nodes.length * (pauses.length + 1) : nodes.length + 1
          if (!fault || tries >= most || options?.signal?.aborted || performance.now() > end) throw error
          at = (at + 1) % nodes.length
          if (tries % nodes.length === 0)
            await pause(Math.max(pauses[tries / nodes.length - 1] ?? 0, retryAfter(error)), options?.signal)
        }
      }
    }

  const transport =
    (ask: Ask): Transport =>
    () => ({
      config: {
        key: 'nodes',
        name: 'Nodes of a chain',
        type: 'nodes',
        request: ask as EIP1193RequestFn,
        retryCount: 0,
      },
      request: ask as EIP1193RequestFn,
      value: {},
    })
  const [batched, single] = [askThrough('batched'), askThrough('single')]

  return {
    request: batched,
    send: askThrough('sending'),
    transports: { batched: transport(batched), single: transport(single) },
    async verify() {
      const outcomes = await Promise.allSettled(nodes.map(verify))
      const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      const wrong = failures.find((failure) => failure instanceof WrongChain)
      if (wrong) throw wrong
      return { silent: failures.length }
    },
  }
}

/**
 * Whether another node, or the same one later, may answer: `node`, it failed; `behind`, it has not seen the block that it was asked
 * about, as behind a load balancer. Null: this is the answer, and it would be the same again.
 */
function faultOf(error: unknown): 'node' | 'behind' | null {
  if (error instanceof WrongChain) return 'node'
  if (!(error instanceof BaseError)) return error instanceof Error && error.name === 'AbortError' ? null : 'node'
  if (isBehind(error)) return 'behind'
  if (error.walk((cause) => cause instanceof TimeoutError || cause instanceof HttpRequestError)) return 'node'
  const refusal = error.walk((cause) => cause instanceof RpcRequestError) as RpcRequestError | null
  if (!refusal) return 'node'
  return refusal.code === -32005 || /rate limit|too many requests|header not found/i.test(refusal.details)
    ? 'node'
    : null
}

/** Avalanche's nodes and those that follow them say this of a block that they have not accepted yet. */
export const isBehind = (error: unknown): boolean =>
  error instanceof BaseError && /cannot query unfinalized data/i.test(error.details)

/** Work that others wait for too goes on when one of them leaves. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

function retryAfter(error: unknown): number {
  const refused =
    error instanceof BaseError
      ? (error.walk((cause) => cause instanceof HttpRequestError) as HttpRequestError | null)
      : null
  const seconds = Number.parseInt(refused?.headers?.get('Retry-After') ?? '', 10)
  return Number.isNaN(seconds) ? 0 : Math.min(longestPause, seconds * 1_000)
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done)
  })
}
