import { ProviderError, type ProviderTransaction, type Submission } from '../wallet-provider.ts'
import { type Gateway, toProviderTransaction } from './gateway.ts'
import type { Transaction } from './schemas.ts'
import { carriesOurCalls } from './verify-transaction.ts'

const perPage = 50
const maximumPages = 40

/** Crossmint's clock may differ from ours by so many milliseconds. */
const clockDifference = 5 * 60_000

/**
 * Looks through the wallet's transactions since then for one with exactly these calls on this chain. Of several, the one made
 * nearest to `since`.
 */
export async function findTransaction(
  { chains, client }: Gateway,
  submission: Submission,
  since: Date,
): Promise<ProviderTransaction | null> {
  const chain = chains.slugOf(submission.chainId)
  if (!chain) return null
  const wanted = { calls: submission.calls, chain }
  const dateFrom = new Date(since.getTime() - clockDifference)
  const seen = new Map<string, Transaction>()

  for (let page = 1; page <= maximumPages; page++) {
    const { transactions } = await client.listTransactions(submission.wallet, { page, perPage, dateFrom })
    const fresh = transactions.filter(({ id }) => !seen.has(id))
    for (const transaction of fresh) seen.set(transaction.id, transaction)
    // a short page ends nothing: the provider may cap the page size lower than we asked
    if (fresh.length === 0 || isPast(transactions, dateFrom)) return nearest()
  }
  throw new ProviderError('unavailable', 'list_too_long', `More than ${maximumPages} pages of transactions`)

  function nearest(): ProviderTransaction | null {
    const matches = [...seen.values()]
      .filter((transaction) => (transaction.createdAt?.getTime() ?? Number.POSITIVE_INFINITY) >= dateFrom.getTime())
      .filter((transaction) => carriesOurCalls(wanted, transaction))
      .sort((one, other) => distance(one) - distance(other))
    return matches[0] ? toProviderTransaction(matches[0]) : null
  }

  function distance({ createdAt }: Transaction): number {
    return createdAt ? Math.abs(createdAt.getTime() - since.getTime()) : Number.MAX_VALUE
  }
}

/** Newest first, and the last one is older than what we look for. The order is not documented, so it is looked at. */
function isPast(page: readonly Transaction[], dateFrom: Date): boolean {
  const first = page[0]?.createdAt
  const last = page.at(-1)?.createdAt
  return !!first && !!last && first >= last && last < dateFrom
}
