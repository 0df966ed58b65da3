import { type Address, decodeAbiParameters, encodeEventTopics, getAddress, type Hash, type Hex, toHex } from 'viem'
import { entryPointAddress } from '../chain/deploy-contracts.ts'
import { resultOf, rpc, rpcBatch } from '../chain/rpc.ts'
import { entryPointAbi, usdcAbi } from '../contracts/abi.ts'
import { reverted, revertReason } from './errors.ts'
import type { Cursor, Transaction } from './records.ts'
import type { Relayer } from './relayer.ts'
import { explorerLink, type SimulatedChain, type Simulator } from './simulator.ts'
import { fail, succeed } from './transaction-states.ts'
import { announceTransfer } from './transfers.ts'

interface Block {
  number: Hex
  hash: Hash
  parentHash: Hash
}

interface Log {
  address: Address
  topics: [Hex, ...Hex[]]
  data: Hex
  blockNumber: Hex
  transactionHash: Hash
  logIndex: Hex
}

const topicOf = (eventName: 'UserOperationEvent' | 'UserOperationRevertReason') =>
  encodeEventTopics({ abi: entryPointAbi, eventName })[0]
const operationTopic = topicOf('UserOperationEvent')
const revertTopic = topicOf('UserOperationRevertReason')
const transferTopic = encodeEventTopics({ abi: usdcAbi, eventName: 'Transfer' })[0]

const rewind = 64 // blocks read again after a reorganization
const followEvery = 2_000 // milliseconds, also when no block comes

/**
 * Reads one chain, block after confirmed block, once for all transactions: which operations landed, which tokens moved from or to
 * our wallets. Notices when the chain was reorganized or started anew.
 */
export function startWatcher(simulator: Simulator, chain: SimulatedChain, relayer: Relayer) {
  const { store, journal, relaying } = simulator
  let newest: Hash | null = null
  let followedAt = 0
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | null = null
  let again = false
  let stopped = false

  async function look(): Promise<void> {
    const head = await rpc<Block>(chain.rpcUrl, 'eth_getBlockByNumber', ['latest', false])
    if (head.hash !== newest) {
      await read(head)
      newest = head.hash
      relayer.nudge() // what waited for an earlier operation of its wallet may go now
    } else if (Date.now() - followedAt < followEvery) return
    followedAt = Date.now()
    await relayer.follow(store.maps.cursor.get(chain.slug)?.number ?? -1)
  }

  async function read(head: Block): Promise<void> {
    const last = Number(head.number) - (relaying.confirmations - 1)
    const cursor = store.maps.cursor.get(chain.slug)
    const from = cursor ? (await continueFrom(cursor, last)) + 1 : 0
    if (last < from) return
    const range = { fromBlock: toHex(from), toBlock: toHex(last) }
    const [logs, block, genesis] = await rpcBatch(chain.rpcUrl, [
      { method: 'eth_getLogs', params: [{ ...range, topics: [[operationTopic, revertTopic, transferTopic]] }] },
      { method: 'eth_getBlockByNumber', params: [toHex(last), false] },
      { method: 'eth_getBlockByNumber', params: ['0x0', false] },
    ])
    for (const group of groupByTransaction(resultOf<Log[]>(logs))) await tell(group)
    store.save('cursor', {
      chain: chain.slug,
      number: last,
      hash: resultOf<Block>(block).hash,
      genesis: resultOf<Block>(genesis).hash,
    })
  }

  /** The last block that was read and still is on the chain; further back when it is not. */
  async function continueFrom({ number, hash, genesis }: Cursor, last: number): Promise<number> {
    const [same, first] = (
      await rpcBatch(chain.rpcUrl, [
        { method: 'eth_getBlockByNumber', params: [toHex(number), false] },
        { method: 'eth_getBlockByNumber', params: ['0x0', false] },
      ])
    ).map((block) => resultOf<Block | null>(block))
    if (same?.hash === hash) return number
    if (first?.hash !== genesis) {
      journal.write({ type: 'relayer', event: 'chain-reset', chain: chain.slug, details: { was: number, is: last } })
      simulator.faults.note('F15', 'reset', {}, { chain: chain.slug, was: number, is: last })
      return -1
    }
    journal.write({
      type: 'relayer',
      event: 'chain-reorganized',
      chain: chain.slug,
      details: { was: number, is: last },
    })
    return Math.max(-1, Math.min(number, last) - rewind)
  }

  /** One chain transaction: the transfers before an operation's event are that operation's. */
  async function tell(logs: Log[]): Promise<void> {
    let transfers: Log[] = []
    let reason: Hex | null = null
    for (const log of logs) {
      if (log.topics[0] === transferTopic) transfers.push(log)
      if (log.address.toLowerCase() !== entryPointAddress.toLowerCase()) continue
      if (log.topics[0] === revertTopic) {
        reason = decodeAbiParameters([{ type: 'uint256' }, { type: 'bytes' }], log.data)[1]
      } else if (log.topics[0] === operationTopic) {
        const transaction = store.transactionsByHash.get(log.topics[1]!)
        if (transaction) settle(transaction, log, reason)
        for (const transfer of transfers) await tellTransfer(transfer, transaction)
        transfers = []
        reason = null
      }
    }
    for (const transfer of transfers) await tellTransfer(transfer, undefined)
  }

  function settle(transaction: Transaction, log: Log, reason: Hex | null) {
    relayer.forget(transaction)
    const [, success] = decodeAbiParameters(
      [{ type: 'uint256' }, { type: 'bool' }, { type: 'uint256' }, { type: 'uint256' }],
      log.data,
    )
    if (success) succeed(simulator, transaction, log.transactionHash)
    else {
      const link = explorerLink(chain.slug, log.transactionHash)
      fail(simulator, transaction, reverted(revertReason(reason), { link }), log.transactionHash)
    }
  }

  async function tellTransfer(log: Log, transaction: Transaction | undefined): Promise<void> {
    if (log.topics.length !== 3) return // an NFT: the same event with its id as a third topic
    const [from, to] = [log.topics[1]!, log.topics[2]!].map((topic) => getAddress(`0x${topic.slice(26)}`))
    if (!store.maps.wallet.has(from!) && !store.maps.wallet.has(to!)) return
    await announceTransfer(simulator, chain, {
      from: from!,
      to: to!,
      token: getAddress(log.address),
      amount: BigInt(log.data),
      hash: log.transactionHash,
      logIndex: Number(log.logIndex),
      transaction,
    })
  }

  function schedule(delay: number) {
    if (!stopped) timer = setTimeout(run, delay)
  }

  function run() {
    clearTimeout(timer)
    if (looking) {
      again = true
      return
    }
    looking = look()
      .then(
        () => relaying.pollInterval,
        () => 500, // not reachable: look again in a while
      )
      .then((delay) => {
        looking = null
        schedule(again ? 0 : delay)
        again = false
      })
  }

  relayer.onSent = run
  run()

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await looking
    },
  }
}

function groupByTransaction(logs: Log[]): Log[][] {
  const groups = new Map<Hash, Log[]>()
  for (const log of logs) {
    const group = groups.get(log.transactionHash)
    if (group) group.push(log)
    else groups.set(log.transactionHash, [log])
  }
  return [...groups.values()]
}
