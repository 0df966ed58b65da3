import { decodeErrorResult, encodeEventTopics, encodeFunctionData, type Hash, type Hex, keccak256, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { entryPointAddress } from '../chain/deploy-contracts.ts'
import { RpcError, resultOf, rpc, rpcBatch } from '../chain/rpc.ts'
import { entryPointAbi, usdcAbi } from '../contracts/abi.ts'
import { packUserOperation } from './account.ts'
import { reverted, revertReason } from './errors.ts'
import type { ProviderFailure, Transaction } from './records.ts'
import type { SimulatedChain, Simulator } from './simulator.ts'
import { fail } from './transaction-states.ts'

export type Relayer = ReturnType<typeof createRelayer>

/** A chain transaction on its way, and the operations in it. */
interface Bundle {
  hash: Hash
  transactions: Transaction[]
  sentAt: number
}

interface Refused {
  index: number
  reason: string
  data: Hex | null
}

/** Answered with nothing by a chain that has just started anew, and still lacks its contracts. */
const anyNonce = encodeFunctionData({ abi: entryPointAbi, functionName: 'getNonce', args: [entryPointAddress, 0n] })

const gasOfEnvelope = 100_000n
const gasOfOperation = 100_000n // the entry point's own part, and calldata

/**
 * Brings approved operations to one chain: picks, simulates, signs and sends them in bundles, and follows each bundle until the
 * watcher has seen it. Pays the gas for everybody.
 */
export function createRelayer(simulator: Simulator, chain: SimulatedChain) {
  // by default a key of this run only: a nonce that an earlier run used is never in our way
  const account = privateKeyToAccount(chain.relayerKey ?? generatePrivateKey())
  const waiting = new Set<Transaction>()
  const bundles = new Map<Hash, Bundle>()
  const attempts = new Map<Transaction, number>()
  let running = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const note = (
    event: 'sent' | 'refused' | 'bundle-reverted' | 'dropped' | 'chain-unreachable',
    details: Record<string, unknown>,
  ) => simulator.journal.write({ type: 'relayer', event, chain: chain.slug, details })

  /** Sends what is ready, after the delay. One run at a time. */
  function nudge(delay = simulator.relaying.broadcastDelay) {
    if (timer || running || stopped || waiting.size === 0) return
    timer = setTimeout(async () => {
      timer = undefined
      running = true
      let pause: number | null = null
      try {
        while (await sendBundle());
      } catch (error) {
        note('chain-unreachable', { message: error instanceof Error ? error.message : String(error) })
        pause = 500
      } finally {
        running = false
      }
      if (pause !== null) nudge(pause)
    }, delay)
  }

  /** The next operations that may go together: one a wallet, none behind another of its wallet that has not landed. */
  function pick(): Transaction[] {
    const picked = new Map<string, Transaction>()
    for (const transaction of waiting) {
      if (picked.size >= simulator.relaying.bundleSize) break
      if (transaction.hold === 'broadcast' || picked.has(transaction.wallet)) continue
      if (simulator.behaviour.nonces === 'sequential' && isBehindAnother(transaction)) continue
      // it needs the chain changed before and after it
      if (transaction.fate === 'blocked') return [transaction]
      picked.set(transaction.wallet, transaction)
    }
    return [...picked.values()]
  }

  function isBehindAnother(transaction: Transaction): boolean {
    const own = BigInt(transaction.userOperation.nonce)
    for (const other of simulator.store.unfinishedOf(transaction.wallet, chain.slug)) {
      const nonce = BigInt(other.userOperation.nonce)
      if (nonce >> 64n === own >> 64n && nonce < own) return true
    }
    return false
  }

  async function sendBundle(): Promise<boolean> {
    const transactions = pick()
    if (transactions.length === 0) return false
    const data = encodeFunctionData({
      abi: entryPointAbi,
      functionName: 'handleOps',
      args: [transactions.map(({ userOperation }) => packUserOperation(userOperation)), account.address],
    })
    const gas = transactions.reduce((sum, { userOperation }) => {
      const { callGasLimit, verificationGasLimit } = userOperation
      return sum + BigInt(callGasLimit) + BigInt(verificationGasLimit) + gasOfOperation
    }, gasOfEnvelope)
    const [simulated, count, price, presence] = await rpcBatch(chain.rpcUrl, [
      {
        method: 'eth_call',
        params: [{ from: account.address, to: entryPointAddress, data, gas: toHex(gas) }, 'latest'],
      },
      { method: 'eth_getTransactionCount', params: [account.address, 'pending'] },
      { method: 'eth_gasPrice' },
      { method: 'eth_call', params: [{ to: entryPointAddress, data: anyNonce }, 'latest'] },
      // costs nothing to repeat, and a chain that started anew has forgotten us
      { method: 'anvil_setBalance', params: [account.address, '0xffffffffffffffffffffffff'] },
    ])
    if (presence === '0x') throw new Error('The chain has no entry point yet')
    if (simulated instanceof RpcError) {
      await refuse(transactions, simulated)
      return true
    }
    const maxFeePerGas = BigInt(resultOf<Hex>(price)) * 4n
    const fate = transactions[0]?.fate === 'blocked' ? transactions[0] : null
    const steps = fate
      ? [blocking(fate, true), { to: entryPointAddress, data, gas }, blocking(fate, false)]
      : [{ to: entryPointAddress, data, gas }]
    // asked each time: bundles go out one after another, and a chain may have been reorganized or started anew meanwhile
    const first = Number(resultOf<Hex>(count))
    const signed = await Promise.all(
      steps.map((step, index) =>
        account.signTransaction({
          ...step,
          type: 'eip1559',
          chainId: chain.chainId,
          nonce: first + index,
          maxFeePerGas,
          maxPriorityFeePerGas: 1_000_000_000n,
        }),
      ),
    )
    const answers = await rpcBatch(
      chain.rpcUrl,
      signed.map((raw) => ({ method: 'eth_sendRawTransaction', params: [raw] })),
    )
    const refusal = answers.find((answer) => answer instanceof RpcError)
    if (refusal) throw refusal
    accepted(transactions, keccak256(signed[fate ? 1 : 0]!))
    return true
  }

  function accepted(transactions: Transaction[], hash: Hash) {
    bundles.set(hash, { hash, transactions, sentAt: Date.now() })
    for (const transaction of transactions) {
      waiting.delete(transaction)
      if (transaction.status !== 'pending') continue // told to have failed, and sent all the same
      transaction.txId = hash
      simulator.store.save('transaction', transaction)
    }
    note('sent', { hash, transactions: transactions.map(({ id }) => id) })
    onSent?.()
  }

  /** The simulation says which operation is at fault; the others go without it. */
  async function refuse(transactions: Transaction[], error: RpcError) {
    const refused = readRefusal(error)
    const culprit = refused ? transactions[refused.index] : transactions.length === 1 ? transactions[0] : undefined
    if (!culprit) throw error
    // a former run, or a bundle we thought lost, may have brought it to the chain: the watcher tells
    const landed = refused?.reason.startsWith('AA25') && (await hasLanded(culprit))
    waiting.delete(culprit)
    if (landed) return
    note('refused', { transaction: culprit.id, reason: refused?.reason ?? error.message })
    fail(simulator, culprit, failureOf(refused, error))
  }

  async function hasLanded({ userOperationHash }: Transaction): Promise<boolean> {
    const topics = encodeEventTopics({
      abi: entryPointAbi,
      eventName: 'UserOperationEvent',
      args: { userOpHash: userOperationHash },
    })
    const filter = { fromBlock: '0x0', toBlock: 'latest', address: entryPointAddress, topics }
    return (await rpc<unknown[]>(chain.rpcUrl, 'eth_getLogs', [filter])).length > 0
  }

  let onSent: (() => void) | undefined

  function requeue(transactions: readonly Transaction[]) {
    for (const transaction of transactions) {
      if (transaction.status !== 'pending') continue
      const tried = (attempts.get(transaction) ?? 0) + 1
      attempts.set(transaction, tried)
      transaction.txId = null
      simulator.store.save('transaction', transaction)
      waiting.add(transaction)
    }
    nudge()
  }

  return {
    enqueue(transaction: Transaction) {
      waiting.add(transaction)
      nudge()
    },

    nudge: () => nudge(),

    /** Called with each bundle sent, so that the watcher looks at once. */
    set onSent(listener: () => void) {
      onSent = listener
    },

    /** The operation is on the chain, or will never be: nothing more to do for it. */
    forget(transaction: Transaction) {
      waiting.delete(transaction)
      attempts.delete(transaction)
      const bundle = transaction.txId && bundles.get(transaction.txId)
      if (!bundle) return
      bundle.transactions = bundle.transactions.filter((other) => other !== transaction)
      if (bundle.transactions.length === 0) bundles.delete(bundle.hash)
    },

    /**
     * Looks after bundles that brought no event up to the block `seen`: what is in a reverted or forgotten one goes out again.
     */
    async follow(seen: number) {
      const open = [...bundles.values()].filter(({ sentAt }) => Date.now() - sentAt > 50)
      if (open.length === 0) return
      const answers = await rpcBatch(
        chain.rpcUrl,
        open.flatMap(({ hash }) => [
          { method: 'eth_getTransactionReceipt', params: [hash] },
          { method: 'eth_getTransactionByHash', params: [hash] },
        ]),
      )
      for (const [index, bundle] of open.entries()) {
        const receipt = resultOf<{ status: Hex; blockNumber: Hex } | null>(answers[index * 2])
        const known = resultOf<object | null>(answers[index * 2 + 1])
        if (receipt ? Number(receipt.blockNumber) > seen : known) continue
        bundles.delete(bundle.hash)
        const ids = bundle.transactions.map(({ id }) => id)
        note(receipt ? 'bundle-reverted' : 'dropped', { hash: bundle.hash, transactions: ids })
        requeue(bundle.transactions)
      }
    },

    /** Sends once more what the chain no longer has. */
    requeue,

    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }

  function blocking(transaction: Transaction, blocked: boolean) {
    const args = [transaction.wallet, blocked] as const
    return {
      to: chain.usdc,
      data: encodeFunctionData({ abi: usdcAbi, functionName: 'setBlocked', args }),
      gas: 100_000n,
    }
  }
}

function readRefusal(error: RpcError): Refused | null {
  if (!error.data) return null
  try {
    const { errorName, args } = decodeErrorResult({ abi: entryPointAbi, data: error.data })
    const [index, reason] = args
    return { index: Number(index), reason, data: errorName === 'FailedOpWithRevert' ? args[2] : null }
  } catch {
    return null
  }
}

/** The words of Crossmint for a refusal of the entry point. */
function failureOf(refused: Refused | null, error: RpcError): ProviderFailure {
  const code = refused?.reason.slice(0, 4) ?? ''
  if (code === 'AA24') return reverted('Invalid signature', { type: 'wallet_authorization', data: code })
  if (code === 'AA23') {
    return reverted(revertReason(refused?.data ?? null), { type: 'wallet_authorization', data: code })
  }
  if (code.startsWith('AA1')) return reverted(refused!.reason, { type: 'wallet_deployment', data: code })
  return { reason: 'failed_to_land_on_chain', message: refused?.reason ?? error.message }
}
