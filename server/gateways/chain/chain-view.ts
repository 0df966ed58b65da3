import {
  type Abi,
  type Address,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionParameters,
  type ContractFunctionReturnType,
  createPublicClient,
  decodeFunctionResult,
  encodeFunctionData,
  type Hash,
  type Hex,
  HttpRequestError,
  hexToBigInt,
  isHex,
  numberToHex,
  type RpcLog,
  RpcRequestError,
  TimeoutError,
} from 'viem'
import { ChainUnavailable } from './chain.ts'
import { connectRpc, type RpcUrl, WrongChain } from './rpc.ts'

export interface ViewOptions {
  chainId: number
  rpcUrl: RpcUrl
  /** How many blocks deep is looked: 1 is the newest, 2 the one before it. What a shallower reorganization takes back was never seen. */
  confirmations: number
  /** Milliseconds for one request to the node. */
  timeout: number
}

/** A chain as it stood after one block: whatever is read through a view is of the same moment. */
export interface ChainView {
  blockNumber: bigint
  blockHash: Hash
  /** When the block was made, by its own word. */
  time: Date
  /**
   * Calls functions that change nothing, all in one request or a few, and answers in their order.
   *
   * @throws ChainViewFailed, also when one of them reverts, or answers with what its ABI does not say
   */
  call<const Calls extends readonly ContractFunctionParameters[]>(calls: Calls): Promise<Answers<Calls>>
  /**
   * The logs of a contract in the last `blocks` blocks up to this one. Empty also when the node does not tell: nodes answer over different
   * ranges, and nothing may hang on it.
   */
  logs(filter: { address: Address; topics: (Hex | Hex[] | null)[]; blocks: bigint }): Promise<RpcLog[]>
}

type AnswerOf<Call> = Call extends {
  abi: infer abi extends Abi
  functionName: infer name
  args?: infer args
}
  ? name extends ContractFunctionName<abi, 'pure' | 'view'>
    ? ContractFunctionReturnType<
        abi,
        'pure' | 'view',
        name,
        args extends ContractFunctionArgs<abi, 'pure' | 'view', name>
          ? args
          : ContractFunctionArgs<abi, 'pure' | 'view', name>
      >
    : never
  : never

type Answers<Calls extends readonly unknown[]> = { -readonly [Index in keyof Calls]: AnswerOf<Calls[Index]> }

/** The node did not answer, or not sensibly. `failing`: it answered with an error, a contract's revert included. */
export class ChainViewFailed extends ChainUnavailable {
  readonly reason: 'timeout' | 'unreachable' | 'failing' | 'unreadable' | 'wrong_chain'

  constructor(reason: ChainViewFailed['reason'], message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.reason = reason
  }
}

/**
 * Looks at a chain again and again, each time at the newest block that is deep enough. Opens no connection before the first look.
 *
 * @throws RangeError with a number of confirmations below 1
 */
export function chainViews({ chainId, rpcUrl, confirmations, timeout }: ViewOptions) {
  if (!(confirmations >= 1)) throw new RangeError('A block has 1 confirmation at least')
  const { transports } = connectRpc({ chainId, rpcUrl, timeout, batchSize: 100 })
  const client = createPublicClient({ transport: transports.batched, cacheTime: 0 })

  return async (signal: AbortSignal): Promise<ChainView> => {
    const ask = async <Answer>(question: string, answer: () => Promise<Answer>): Promise<Answer> => {
      try {
        return await answer()
      } catch (error) {
        if (error instanceof ChainUnavailable) throw error
        throw new ChainViewFailed(reasonOf(error), `Chain ${chainId} did not answer ${question}`, {
          cause: withoutUrl(error),
        })
      }
    }
    const request = client.request as (
      call: { method: string; params: unknown[] },
      options: { signal: AbortSignal },
    ) => Promise<unknown>

    const [id, head] = await ask('which chain it is', () =>
      Promise.all([
        request({ method: 'eth_chainId', params: [] }, { signal }),
        request({ method: 'eth_blockNumber', params: [] }, { signal }),
      ]),
    )
    if (!isHexNumber(id) || !isHexNumber(head))
      throw new ChainViewFailed('unreadable', `Chain ${chainId} did not answer with numbers`)
    if (hexToBigInt(id) !== BigInt(chainId))
      throw new ChainViewFailed('wrong_chain', `The node of chain ${chainId} is one of chain ${hexToBigInt(id)}`)

    const blockNumber = hexToBigInt(head) - BigInt(confirmations - 1)
    if (blockNumber < 0n)
      throw new ChainViewFailed('failing', `Chain ${chainId} has no block of ${confirmations} confirmations yet`)
    const block = await ask('a block', () =>
      request({ method: 'eth_getBlockByNumber', params: [numberToHex(blockNumber), false] }, { signal }),
    )
    if (!isBlock(block)) throw new ChainViewFailed('failing', `Chain ${chainId} has not the block it says it has`)
    // by its hash: a reorganization between two requests makes the second fail, and not answer of other blocks
    const at = { blockHash: block.hash, requireCanonical: true }

    return {
      blockNumber,
      blockHash: block.hash,
      time: dateOf(hexToBigInt(block.timestamp)),

      call: (calls) =>
        ask('a contract call', async () => {
          const answers = await Promise.all(
            calls.map(async (call) => {
              const data = encodeFunctionData(call)
              const answer = await request({ method: 'eth_call', params: [{ to: call.address, data }, at] }, { signal })
              return decodeFunctionResult({ ...call, data: answer as Hex })
            }),
          )
          return answers as Answers<typeof calls>
        }),

      async logs({ address, topics, blocks }) {
        const from = blockNumber > blocks ? blockNumber - blocks : 0n
        const range = { fromBlock: numberToHex(from), toBlock: numberToHex(blockNumber) }
        const asked = request({ method: 'eth_getLogs', params: [{ address, topics, ...range }] }, { signal })
        const logs = await asked.catch(() => [])
        return Array.isArray(logs) ? logs.filter(isLog) : []
      },
    }
  }
}

/** The end of the year 9999, in seconds: what is later stands for "never". */
export const lastSecond = 253_402_300_799n

/** A time on a chain, in seconds. @throws RangeError beyond `lastSecond` */
export function dateOf(seconds: bigint): Date {
  if (seconds < 0n || seconds > lastSecond) throw new RangeError('Not a time before the year 10000')
  return new Date(Number(seconds) * 1000)
}

const isHexNumber = (value: unknown): value is Hex => typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value)

function isBlock(value: unknown): value is { hash: Hash; timestamp: Hex } {
  const block = value as { hash?: unknown; timestamp?: unknown } | null
  return typeof block?.hash === 'string' && /^0x[0-9a-f]{64}$/i.test(block.hash) && isHexNumber(block.timestamp)
}

function isLog(value: unknown): value is RpcLog {
  const log = value as { topics?: unknown; data?: unknown; transactionHash?: unknown; blockTimestamp?: unknown } | null
  const words = [log?.data, log?.transactionHash, ...(Array.isArray(log?.topics) ? log.topics : [null])]
  return words.every((word) => isHex(word)) && (log!.blockTimestamp === undefined || isHexNumber(log!.blockTimestamp))
}

function reasonOf(error: unknown): ChainViewFailed['reason'] {
  if (error instanceof WrongChain) return 'wrong_chain'
  if (!(error instanceof BaseError)) return 'unreadable'
  if (error.walk((cause) => cause instanceof TimeoutError)) return 'timeout'
  const http = error.walk((cause) => cause instanceof HttpRequestError) as HttpRequestError | null
  if (http?.status !== undefined) return 'failing'
  if (http) return http.cause instanceof TypeError ? 'unreachable' : 'unreadable' // fetch has no other name for it
  return error.walk((cause) => cause instanceof RpcRequestError) ? 'failing' : 'unreadable'
}

/** What went wrong, without what was asked and where: the URL of a node often holds its key. */
function withoutUrl(error: unknown): Error {
  if (!(error instanceof BaseError)) return new Error(error instanceof Error ? error.name : 'no reason')
  const root = error.walk()
  return new Error(`${error.name}: ${error.shortMessage}`, {
    cause: root instanceof Error ? new Error(root.name) : undefined,
  })
}
