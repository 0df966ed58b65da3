import type { LaneSetting } from './lane.ts'
import type { Attempt } from './lane-rows.ts'

/** Milliseconds after which a node is asked about one that it did not say it has taken. */
const SOON = 300

/** How many hashes are remembered. */
const MEMORY = 10_000

/**
 * Hands signed transactions to a node, in the order of their nonces and as one request. Whatever comes of it, the receipts tell the end;
 * only one that no node will ever take is withdrawn.
 */
export async function handOver(
  { chainId, address, node, rows, report, seenAt, resendAfter }: LaneSetting,
  sends: readonly { id: string; attempt: Pick<Attempt, 'raw' | 'hash' | 'kind'> }[],
): Promise<void> {
  for (const { attempt } of sends) seenAt.set(attempt.hash, performance.now())
  // what another instance saw settled: forgetting one costs a question to the node
  for (const hash of seenAt.keys()) {
    if (seenAt.size <= MEMORY) break
    seenAt.delete(hash)
  }
  const answers = await Promise.all(sends.map(({ attempt }) => node.send(attempt.raw, attempt.hash)))
  const blocked = answers.find(({ verdict }) => verdict === 'blocked')
  if (blocked) report({ type: 'blocked', chainId, address, message: blocked.message })
  for (const [index, { verdict, message }] of answers.entries()) {
    const { id, attempt } = sends[index]!
    // others wait behind it for as long as no node has it
    if (verdict === 'used' || verdict === 'unknown') seenAt.set(attempt.hash, performance.now() - resendAfter + SOON)
    if (verdict !== 'refused' || attempt.kind === 'cancel') continue
    await rows.withdraw(id, 'refused_by_node', message)
    report({ type: 'withdrawn', chainId, address, id, message })
  }
}
