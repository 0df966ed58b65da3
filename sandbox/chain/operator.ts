import type { Address, Hex } from 'viem'
import { resultOf, rpc, rpcBatch } from './rpc.ts'

/** The sandbox's own account on its chains: deploys and mints. Nobody holds its key, the chain lets us send as it. */
const operator: Address = '0x5a4d0000000000000000000000000000000b0c5a'

/** Sends transactions as the operator and resolves once they are mined. @throws Error when one reverts. */
export async function sendAsOperator(url: string, transactions: readonly { to: Address; data: Hex }[]): Promise<void> {
  if (transactions.length === 0) return
  const sent = await rpcBatch(url, [
    { method: 'anvil_impersonateAccount', params: [operator] },
    { method: 'anvil_setBalance', params: [operator, '0xffffffffffffffffffffff'] },
    ...transactions.map(({ to, data }) => ({
      method: 'eth_sendTransaction',
      params: [{ from: operator, to, data, gas: '0x7a1200' }],
    })),
  ])
  const hashes = sent.slice(2).map((hash) => resultOf<Hex>(hash))
  for (const deadline = Date.now() + 30_000; ; ) {
    const receipts = await rpcBatch(
      url,
      hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
    )
    const found = receipts.map((receipt) => resultOf<{ status: Hex } | null>(receipt))
    if (found.some((receipt) => receipt?.status === '0x0')) throw new Error('A transaction of the operator reverted')
    if (found.every((receipt) => receipt !== null)) return
    if (Date.now() > deadline) throw new Error(`The chain at ${url} did not mine a transaction within 30 s`)
    // a chain that mines by the clock would keep us waiting for its next block
    await rpc(url, 'evm_mine')
  }
}
