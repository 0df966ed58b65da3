import { isUtf8 } from 'node:buffer'
import type { BoughtPurchase } from '../../contract/purchases.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { purchaseColumns, purchaseOf } from './purchase-of.ts'

/** @throws NOT_FOUND */
export async function getPurchase(
  { db }: Pick<Services, 'db'>,
  { appId }: Pick<AppPrincipal, 'appId'>,
  { purchaseId }: { purchaseId: string },
): Promise<BoughtPurchase> {
  const row = await db
    .selectFrom('purchase')
    .leftJoin('purchase_answer as answer', 'answer.purchase_id', 'purchase.id')
    .select(purchaseColumns)
    .select(['answer.status', 'answer.headers', 'answer.body', 'answer.truncated'])
    .where('purchase.id', '=', purchaseId)
    .where('purchase.app_id', '=', appId)
    .executeTakeFirst()
  if (!row) throw notFound('purchase')
  const { status, headers, body, truncated } = row
  return {
    ...purchaseOf(row),
    answer:
      status === null || body === null ? null : { status, headers: headers!, ...textOf(body), truncated: truncated! },
  }
}

const textOf = (body: Buffer) =>
  isUtf8(body)
    ? { body: body.toString('utf8'), encoding: 'utf8' as const }
    : { body: body.toString('base64'), encoding: 'base64' as const }
