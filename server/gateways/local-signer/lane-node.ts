import { type Address, BaseError, type Hash, type Hex, hexToBigInt, isHex, numberToHex, RpcRequestError } from 'viem'
import type { Rpc } from '../chain/rpc.ts'
import type { Call } from '../wallet-provider.ts'
import { type Verdict, verdictOn } from './verdict.ts'

/** A chain as one key sees it. */
export interface Standing {
  /** How many transactions of the key the chain has: the nonce of the next. */
  count: bigint
  height: bigint
  /** Seconds since 1970, by the chain's newest block. */
  time: bigint
  baseFee: bigint
  gasLimit: bigint
}

export interface LaneReceipt {
  hash: Hash
  succeeded: boolean
  blockNumber: bigint
}

/** What a call would use, or why the chain would not do it: `reverted`, or `poor` for what the key cannot pay. */
export type Estimate = { gas: bigint } | { because: 'reverted' | 'poor'; message: string }

/** What a lane asks of its chain. What is asked for at the same moment goes to one node, as one request. */
export function laneNode(rpc: Rpc, address: Address) {
  const ask = (method: string, ...params: unknown[]) => rpc.request({ method, params })

  return {
    async standing(): Promise<Standing> {
      // not of what is pending: some nodes cannot tell, and others tell what they alone have heard of
      const [count, block] = (await Promise.all([
        ask('eth_getTransactionCount', address, 'latest'),
        ask('eth_getBlockByNumber', 'latest', false),
      ])) as [Hex, { number: Hex; timestamp: Hex; baseFeePerGas?: Hex; gasLimit: Hex }]
      return {
        count: hexToBigInt(count),
        height: hexToBigInt(block.number),
        time: hexToBigInt(block.timestamp),
        baseFee: hexToBigInt(block.baseFeePerGas ?? '0x0'),
        gasLimit: hexToBigInt(block.gasLimit),
      }
    },

    async estimate({ to, value, data }: Call): Promise<Estimate> {
      try {
        const gas = await ask('eth_estimateGas', { from: address, to, value: numberToHex(value), data }, 'latest')
        return { gas: hexToBigInt(gas as Hex) }
      } catch (error) {
        const refusal = refusalIn(error)
        if (refusal && (refusal.code === 3 || /revert/i.test(refusal.message)))
          return { because: 'reverted', message: refusal.message }
        if (refusal && verdictOn(refusal.message) === 'blocked') return { because: 'poor', message: refusal.message }
        throw error
      }
    },

    async balance(): Promise<bigint> {
      return hexToBigInt((await ask('eth_getBalance', address, 'latest')) as Hex)
    },

    /** Those of the hashes that a block carries. */
    async receipts(hashes: readonly Hash[]): Promise<LaneReceipt[]> {
      const answers = await Promise.all(hashes.map((hash) => ask('eth_getTransactionReceipt', hash)))
      return answers.flatMap((answer, index) => {
        const receipt = answer as { status: Hex; blockNumber: Hex } | null
        if (!receipt) return []
        const { status, blockNumber } = receipt
        return [{ hash: hashes[index]!, succeeded: status === '0x1', blockNumber: hexToBigInt(blockNumber) }]
      })
    },

    /** Those of the hashes that the node has never heard of, or has forgotten. */
    async unknown(hashes: readonly Hash[]): Promise<Set<Hash>> {
      const answers = await Promise.all(hashes.map((hash) => ask('eth_getTransactionByHash', hash)))
      return new Set(hashes.filter((_, index) => answers[index] === null))
    },

    /** Hands a signed transaction over. The same bytes may be handed over any number of times. */
    async send(raw: Hex, hash: Hash): Promise<{ verdict: Verdict; message: string }> {
      try {
        const answer = await rpc.send({ method: 'eth_sendRawTransaction', params: [raw] })
        const isOurs = isHex(answer) && answer.toLowerCase() === hash
        return { verdict: isOurs ? 'taken' : 'unknown', message: isOurs ? '' : 'The node answered with another hash' }
      } catch (error) {
        const refusal = refusalIn(error)
        if (refusal) return { verdict: verdictOn(refusal.message), message: refusal.message }
        return {
          verdict: 'unknown',
          message: error instanceof BaseError ? error.shortMessage : 'The node did not answer',
        }
      }
    },
  }
}

export type LaneNode = ReturnType<typeof laneNode>

/** What a node said against a call, in its words. */
function refusalIn(error: unknown): { code: number; message: string } | null {
  if (!(error instanceof BaseError)) return null
  const refusal = error.walk((cause) => cause instanceof RpcRequestError) as RpcRequestError | null
  return refusal && { code: refusal.code, message: refusal.details }
}
