import type { TransactionRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { expireUnasked, searchUnpaid, searchUnreported } from './follow-signed.ts'
import { submitAgain, submitQueued } from './submit.ts'
import { checkFailed, trackInFlight, watchUntilFinal } from './track.ts'

/** Does what a due transaction needs next, by its state. */
export function workOn(services: Services, transaction: TransactionRow): Promise<void> {
  const isExternal = transaction.provider === 'external'
  switch (transaction.state) {
    case 'queued':
      return isExternal ? expireUnasked(services, transaction) : submitQueued(services, transaction)
    case 'submitting':
      return isExternal ? searchUnreported(services, transaction) : submitAgain(services, transaction)
    case 'submitted':
    case 'attention':
      return trackInFlight(services, transaction)
    case 'confirmed':
      return watchUntilFinal(services, transaction)
    case 'failed':
      return isExternal ? searchUnpaid(services, transaction) : checkFailed(services, transaction)
    case 'held':
    case 'cancelled':
    case 'refused':
    case 'expired':
      throw new Error(`transaction ${transaction.id} is ${transaction.state} and cannot be due`)
  }
}
