import type { EercOperation, OperationType } from '../../contract/eerc.ts'
import type { Page, PaymentState } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { operationColumns, operationOf, operationsOf } from './operation-of.ts'

/** What operations are searched by. */
export interface OperationFilter extends PageRequest {
  tokenId?: string | undefined
  walletId?: string | undefined
  type?: OperationType | undefined
  state?: PaymentState | undefined
}

/** Lists the operations that the caller may see, newest first. */
export async function listOperations(
  services: Services,
  principal: AppPrincipal,
  { tokenId, walletId, type, state, ...request }: OperationFilter,
): Promise<Page<EercOperation>> {
  let query = operationsOf(services.db, principal).select(operationColumns)
  if (tokenId) query = query.where('eerc_operation.token_id', '=', tokenId)
  if (walletId) query = query.where('eerc_operation.wallet_id', '=', walletId)
  if (type) query = query.where('eerc_operation.type', '=', type)
  if (state) query = query.where('eerc_operation.state', '=', state)
  return page(query, 'eerc_operation', request, operationOf)
}
