import { randomBytes } from 'node:crypto'
import { type Address, type Hex, toHex } from 'viem'
import { resultOf, rpc, rpcBatch } from './rpc.ts'

/**
 * Sends transactions as somebody nobody holds the key of, and resolves once they are mined. Everybody may deploy and mint in the
 * sandbox; a new account each time keeps callers out of each other's nonces.
 *
 * @throws Error when one reverts
 */
export async function sendAsOperator(url: string, transactions: readonly { to: Address; data: Hex }[]): Promise<void> {
  if (transactions.length === 0) return
  const from: Address = `0x${randomBytes(20).toString('hex')}`
  const [minesByItself, , , ...sent] = await rpcBatch(url, [
    { method: 'anvil_getAutomine' },
    { method: 'anvil_impersonateAccount', params: [from] },
    { method: 'anvil_setBalance', params: [from, '0xffffffffffffffffffffff'] },
    ...transactions.map(({ to, data }, nonce) => ({
      method: 'eth_sendTransaction',
      params: [{ from, to, data, gas: '0x7a1200', nonce: toHex(nonce) }],
    })),
  ])
  const hashes = sent.map((hash) => resultOf<Hex>(hash))
  for (const deadline = Date.now() + 30_000; ; ) {
    const receipts = await rpcBatch(
      url,
      hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
    )
    const found = receipts.map((receipt) => resultOf<{ status: Hex } | null>(receipt))
    if (found.some((receipt) => receipt?.status === '0x0')) throw new Error('A transaction of the sandbox reverted')
    if (found.every((receipt) => receipt !== null)) return
    if (Date.now() > deadline) throw new Error(`The chain at ${url} did not mine a transaction within 30 s`)
    // a chain that mines by the clock would keep us waiting for its next block; any other is about to mine, and a block
    // of ours would only be an empty one more
    if (minesByItself === true) await new Promise((resolve) => setTimeout(resolve, 5))
    else await rpc(url, 'evm_mine')
  }
}
