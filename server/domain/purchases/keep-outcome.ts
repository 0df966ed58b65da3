import type { Kysely } from 'kysely'
import type { Database } from '../../../db/schema.ts'
import { transaction } from '../../../db/transaction.ts'
import type { ApiAnswer, Outcome } from '../../gateways/api-buyer.ts'
import type { Services } from '../../services.ts'
import type { AppPrincipal } from '../principal.ts'
import { changePurchase } from './change-purchase.ts'
import { endPurchase } from './end-purchase.ts'

/** Keeps what came of a call that pays: the answer, and by what the payment can be found. What certainly was not paid ends here. */
export async function keepOutcome(
  services: Services,
  principal: AppPrincipal,
  id: string,
  outcome: Outcome,
): Promise<void> {
  if (outcome.kind === 'unsent') {
    const { reason, message } = outcome
    await changePurchase(services, principal, id, (trx, row) =>
      endPurchase(trx, row, { to: 'failed', spent: 0n, problem: { reason, message } }),
    )
    return
  }
  await transaction(
    services.db,
    async (trx) => {
      if (outcome.kind === 'answered') await insertAnswer(trx, services, id, outcome.answer)
      await trx
        .updateTable('purchase')
        .set({
          reference: outcome.reference,
          claimed_hash: outcome.kind === 'answered' ? outcome.claimed : null,
          next_attempt_at: services.clock.now(),
        })
        .where('id', '=', id)
        .where('state', 'in', ['paying', 'attention'])
        .execute()
    },
    { idempotent: true },
  )
}

/** Stores what an API answered. The first answer counts. */
export async function insertAnswer(
  trx: Kysely<Database>,
  { clock }: Pick<Services, 'clock'>,
  purchaseId: string,
  { status, headers, body, truncated }: ApiAnswer,
): Promise<void> {
  await trx
    .insertInto('purchase_answer')
    .values({
      purchase_id: purchaseId,
      status,
      headers: JSON.stringify(shown(headers)),
      body,
      truncated,
      created_at: clock.now(),
    })
    .onConflict((conflict) => conflict.column('purchase_id').doNothing())
    .execute()
}

/** Headers that say what the body is, and what whoever asks again should know. */
const telling =
  /^(content-(type|language|disposition|location)|etag|last-modified|expires|cache-control|retry-after|location|link|date|x-request-id|x-ratelimit-.*|ratelimit.*|(x-)?payment-response)$/

const shown = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => telling.test(name))
      // text that a database can hold
      .map(([name, value]) => [name, value.replaceAll('\0', '').slice(0, 2_000)]),
  )
