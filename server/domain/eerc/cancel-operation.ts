import type { EercOperation } from '../../contract/eerc.ts'
import type { Services } from '../../services.ts'
import { DomainError, notFound } from '../domain-error.ts'
import { type AppPrincipal, confinedTo } from '../principal.ts'
import { advance } from '../transactions/advance.ts'
import { transactionColumns } from '../transactions/columns.ts'
import { isWalletOf } from '../wallets/is-wallet-of.ts'
import { getOperation } from './get-operation.ts'

/**
 * Takes an operation back that was not handed over yet; its approval, if it has one, can then no longer be given. Cancelling a cancelled
 * operation answers with it. Whoever only watches over the app takes back nothing.
 *
 * @throws NOT_FOUND, NOT_CANCELLABLE
 */
export async function cancelOperation(
  services: Services,
  principal: AppPrincipal,
  input: { operationId: string },
): Promise<EercOperation> {
  const operation = await getOperation(services, principal, input)
  const userId = confinedTo(principal, ['officer', 'operator'])
  if (userId !== null && !(await isWalletOf(services, operation.walletId, userId))) throw notFound('operation')
  if (operation.state === 'cancelled') return operation
  const transaction = await services.db
    .selectFrom('transaction')
    .select(transactionColumns)
    .where('id', '=', operation.transactionId)
    .executeTakeFirstOrThrow()
  const isOpen = transaction.state === 'held' || transaction.state === 'queued'
  const cancelled =
    isOpen && (await advance(services, transaction, { to: 'cancelled', principal, nextAttemptAt: null }))
  const now = await getOperation(services, principal, input)
  if (cancelled || now.state === 'cancelled') return now
  throw new DomainError(
    'NOT_CANCELLABLE',
    `This operation is ${now.state} and can no longer be taken back. Watch it with eerc.get.`,
    { state: now.state },
  )
}
