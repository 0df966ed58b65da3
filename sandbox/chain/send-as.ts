import { type Address, decodeErrorResult, type Hash, type Hex, hexToNumber, numberToHex, parseAbi } from 'viem'
import { RpcError, resultOf, rpc, rpcBatch } from './rpc.ts'

/** Without `to` it makes a contract. */
export interface Sent {
  to?: Address
  data: Hex
}

/**
 * Sends transactions in their order as an account whose key nobody needs, and resolves once they are mined.
 *
 * @throws Error with the contract's reason when one reverts
 */
export async function sendAs(url: string, from: Address, transactions: readonly Sent[]): Promise<Hash[]> {
  if (transactions.length === 0) return []
  const [minesByItself, count] = await rpcBatch(url, [
    { method: 'anvil_getAutomine' },
    { method: 'eth_getTransactionCount', params: [from, 'pending'] },
    { method: 'anvil_impersonateAccount', params: [from] },
    { method: 'anvil_setBalance', params: [from, '0xffffffffffffffffffffff'] },
  ])
  const next = hexToNumber(resultOf<Hex>(count))
  const sent = await rpcBatch(
    url,
    transactions.map((transaction, index) => ({
      method: 'eth_sendTransaction',
      // the calls of a batch are carried out in any order
      params: [{ ...transaction, from, nonce: numberToHex(next + index), gas: '0x7a1200' }],
    })),
  )
  const hashes = sent.map((hash) => resultOf<Hash>(hash))
  const deadline = Date.now() + 30_000
  for (let looks = 1; ; looks++) {
    const receipts = await rpcBatch(
      url,
      hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
    )
    const found = receipts.map((receipt) => resultOf<{ status: Hex; blockNumber: Hex } | null>(receipt))
    const reverted = found.findIndex((receipt) => receipt?.status === '0x0')
    if (reverted !== -1)
      throw new Error(await reasonOf(url, from, transactions[reverted]!, found[reverted]!.blockNumber))
    if (found.every((receipt) => receipt !== null)) return hashes
    if (Date.now() > deadline) throw new Error(`The chain at ${url} did not mine a transaction within 30 s`)
    // a chain that mines by the clock would keep us waiting for its next block; one that mines by itself may leave out what came in the
    // wrong order
    if (resultOf<boolean>(minesByItself) && looks % 40 !== 0) await new Promise((resolve) => setTimeout(resolve, 5))
    else await rpc(url, 'evm_mine')
  }
}

/** Why it reverted: what a call of the same says in the state that its block left. */
async function reasonOf(url: string, from: Address, transaction: Sent, block: Hex): Promise<string> {
  const [answer] = await rpcBatch(url, [{ method: 'eth_call', params: [{ ...transaction, from }, block] }])
  const data = answer instanceof RpcError ? answer.data : null
  try {
    return decodeErrorResult({ abi: parseAbi(['error Error(string reason)']), data: data ?? '0x' }).args[0]
  } catch {
    return `A transaction of the sandbox reverted: ${data ?? 'without a reason'}`
  }
}
