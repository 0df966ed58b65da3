import type { CheckRecord } from '../../../db/schema.ts'
import { BATCH, readInBatches } from '../audit/read-in-batches.ts'
import { jurisdictionIn } from '../compliance/rules/jurisdiction.ts'
import { chainName } from '../wire.ts'
import { isAfter, type Reading, readLeaves } from './reading.ts'
import type { TableFiles } from './table-files.ts'

/** Payments of one asset by payers of one jurisdiction. Amounts are in base units. */
export interface PaymentsOf {
  /** ISO 3166-1 alpha-2, or `unknown`. */
  jurisdiction: string
  assetId: string
  chain: string
  symbol: string
  decimals: number
  accepted: number
  acceptedAmount: bigint
  settled: number
  settledAmount: bigint
}

interface Payment {
  id: string
  created_at: Date
  asset_id: string
  amount: bigint
  checks: CheckRecord[] | null
}

/**
 * Counts and adds up the payments of the period by the jurisdiction of whoever paid, as the decision on each had it: those that were
 * asked for within it, whatever became of them, and those that were settled within it.
 */
export async function readPayments(reading: Reading, files: TableFiles): Promise<PaymentsOf[]> {
  const { trx, one } = reading
  const sums = new Map<
    string,
    Pick<PaymentsOf, 'jurisdiction' | 'assetId' | 'accepted' | 'acceptedAmount' | 'settled' | 'settledAmount'>
  >()
  const sumOf = ({ asset_id: assetId, checks }: Payment) => {
    const jurisdiction = jurisdictionIn(checks ?? [], 'payer') ?? 'unknown'
    const key = `${jurisdiction} ${assetId}`
    const sum = sums.get(key) ?? {
      jurisdiction,
      assetId,
      accepted: 0,
      acceptedAmount: 0n,
      settled: 0,
      settledAmount: 0n,
    }
    sums.set(key, sum)
    return sum
  }
  for await (const rows of readInBatches<Payment>((after) => one(() => readAccepted(reading, after))))
    for (const payment of rows) {
      const sum = sumOf(payment)
      sum.accepted++
      sum.acceptedAmount += payment.amount
    }
  // a reorganisation of the chain may have one settled twice
  const settled = new Set<string>()
  for await (const { object } of readLeaves(reading, 'payment.settled')) settled.add(object)
  const ids = [...settled].sort()
  for (let at = 0; at < ids.length; at += BATCH)
    for (const payment of await one(() => readByIds(reading, ids.slice(at, at + BATCH)))) {
      const sum = sumOf(payment)
      sum.settled++
      sum.settledAmount += payment.amount
    }

  const assets = await one(() => trx.selectFrom('asset').select(['id', 'chain_id', 'symbol', 'decimals']).execute())
  const rows = [...sums.values()]
    .map((sum): PaymentsOf => {
      const { chain_id, symbol, decimals } = assets.find(({ id }) => id === sum.assetId)!
      return { ...sum, chain: chainName(chain_id), symbol, decimals }
    })
    .sort(
      (a, b) =>
        b.settled - a.settled ||
        b.accepted - a.accepted ||
        (`${a.jurisdiction} ${a.assetId}` < `${b.jurisdiction} ${b.assetId}` ? -1 : 1),
    )
  const add = files.table('payments-by-jurisdiction')
  for (const { assetId, acceptedAmount, settledAmount, ...row } of rows)
    add({ ...row, asset: assetId, accepted_amount: acceptedAmount, settled_amount: settledAmount })
  return rows
}

const payments = ({ trx, appId }: Reading) =>
  trx
    .selectFrom('payment')
    .leftJoin('decision', 'decision.id', 'payment.decision_id')
    .select(['payment.id', 'payment.created_at', 'payment.asset_id', 'payment.amount', 'decision.checks'])
    .where('payment.app_id', '=', appId)

const readAccepted = (reading: Reading, after: Payment | null): Promise<Payment[]> =>
  payments(reading)
    .where('payment.created_at', '>=', reading.from)
    .where('payment.created_at', '<', reading.to)
    .where(isAfter('payment', after))
    .orderBy('payment.created_at')
    .orderBy('payment.id')
    .limit(BATCH)
    .execute()

const readByIds = (reading: Reading, ids: readonly string[]): Promise<Payment[]> =>
  payments(reading).where('payment.id', 'in', ids).execute()
