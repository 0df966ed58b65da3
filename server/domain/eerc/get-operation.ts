import type { EercOperation } from '../../contract/eerc.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { operationColumns, operationOf, operationsOf } from './operation-of.ts'

/** @throws NOT_FOUND */
export async function getOperation(
  services: Services,
  principal: AppPrincipal,
  { operationId }: { operationId: string },
): Promise<EercOperation> {
  const row = await operationsOf(services.db, principal)
    .select(operationColumns)
    .where('eerc_operation.id', '=', operationId)
    .executeTakeFirst()
  if (!row) throw notFound('operation')
  return operationOf(row)
}
