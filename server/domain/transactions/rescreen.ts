import { sql } from 'kysely'
import type { TransactionRow } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { Services } from '../../services.ts'
import type { Principal } from '../principal.ts'
import { SHARDS } from '../shard.ts'
import { askComplianceAbout } from './ask-compliance.ts'
import { transactionColumns } from './columns.ts'
import { refuse } from './refuse.ts'

const screening: Principal = { kind: 'system', name: 'screening' }

/**
 * Transactions that wait, held or queued, and were last asked about before the rules of their app changed; those of one shard first, so
 * that instances which look at the same time begin at different ends.
 */
export async function findUnscreened({ db }: Services, shard: number, limit: number): Promise<TransactionRow[]> {
  const { rows } = await atomically(
    db,
    (one) =>
      // the states as the index has them, or it would not be used
      sql<TransactionRow>`/* prepared: find-unscreened */
        select ${sql.join(transactionColumns.map((column) => sql.ref(`transaction.${column}`)))}
        from list_version
        join transaction on transaction.app_id = list_version.app_id and transaction.state in ('held', 'queued')
          and transaction.screened_version < list_version.version
        order by (transaction.shard + ${shard}::int8) % ${SHARDS}::int8 nulls last, transaction.id
        limit ${limit}::int8`.execute(one),
    reading,
  )
  return rows
}

/** Transactions that wait in which an address takes part, whatever they are for. */
export async function findWaitingOf({ db }: Services, address: string): Promise<TransactionRow[]> {
  return db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where(sql<boolean>`transaction.state in ('held', 'queued')`)
    .where(({ eb, or, selectFrom }) =>
      or(
        (['payment', 'eerc_operation'] as const).map((owner) =>
          eb(
            'transaction.id',
            'in',
            selectFrom(owner)
              .select('transaction_id')
              .where((either) => either.or([either('payer', '=', address), either('recipient', '=', address)])),
          ),
        ),
      ),
    )
    .execute()
}

/** Refusals that are under way at a time: few enough that others get their connections. */
const AT_ONCE = 8

/**
 * Asks compliance about transactions that wait, and refuses those that it now objects to: each once, whoever else does the same. Who does
 * not answer refuses nothing here; they are asked again before anything is submitted.
 *
 * Answers with how many of them need no further look at these rules.
 */
export async function rescreen(services: Services, waiting: readonly TransactionRow[]): Promise<number> {
  if (waiting.length === 0) return 0
  const standpoints = await askComplianceAbout(services, waiting)
  const asked = waiting.map((transaction) => ({ transaction, ...standpoints.get(transaction.id)! }))
  const isFine = ({ objection }: (typeof asked)[number]) => !objection || objection.isSilence
  await noteScreened(services, asked.filter(isFine))

  const objected = asked.filter((one) => !isFine(one))
  const refusals: PromiseSettledResult<TransactionRow | null>[] = []
  for (let start = 0; start < objected.length; start += AT_ONCE)
    refusals.push(
      ...(await Promise.allSettled(
        objected
          .slice(start, start + AT_ONCE)
          .map(({ transaction, objection }) => refuse(services, transaction, objection!, screening)),
      )),
    )
  for (const refusal of refusals) if (refusal.status === 'rejected') throw refusal.reason
  const refused = refusals.filter((refusal) => refusal.status === 'fulfilled' && refusal.value !== null)
  return asked.length - objected.length + refused.length
}

async function noteScreened(
  { db }: Services,
  screened: readonly { transaction: TransactionRow; rulesVersion: bigint }[],
): Promise<void> {
  if (screened.length === 0) return
  await atomically(
    db,
    (one) =>
      sql`update transaction set screened_version = asked.version
        from unnest(${screened.map(({ transaction }) => transaction.id)}::uuid[],
          ${screened.map(({ rulesVersion }) => rulesVersion)}::int8[]) as asked (id, version)
        where transaction.id = asked.id and transaction.state in ('held', 'queued')
          and transaction.screened_version < asked.version`.execute(one),
    { idempotent: true },
  )
}
