import type { TransactionRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { submitAgain, submitQueued } from './submit.ts'
import { checkFailed, trackInFlight, watchUntilFinal } from './track.ts'

/** Does what a due transaction needs next, by its state. */
export function workOn(services: Services, transaction: TransactionRow): Promise<void> {
  switch (transaction.state) {
    case 'queued':
      return submitQueued(services, transaction)
    case 'submitting':
      return submitAgain(services, transaction)
    case 'submitted':
    case 'attention':
      return trackInFlight(services, transaction)
    case 'confirmed':
      return watchUntilFinal(services, transaction)
    case 'failed':
      return checkFailed(services, transaction)
    case 'held':
    case 'cancelled':
    case 'refused':
    case 'expired':
      throw new Error(`transaction ${transaction.id} is ${transaction.state} and cannot be due`)
  }
}
