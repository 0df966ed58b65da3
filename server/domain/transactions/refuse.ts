import type { Kysely } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import type { Services } from '../../services.ts'
import { refusalRecord } from '../compliance/failure-of.ts'
import { refusalOf, storeRefusal } from '../compliance/refusal.ts'
import type { Principal } from '../principal.ts'
import { retireReview } from '../reviews/retire-review.ts'
import { advance, type Facts, type Move } from './advance.ts'
import type { Objection } from './ask-compliance.ts'

/** An objection in the words of a failure. */
export const factsOf = ({ check, decision }: Objection): Facts => ({
  failure_reason: check.code,
  failure_message: [check.message, check.remedy].filter(Boolean).join(' '),
  refusal_id: decision.id,
})

/** What the trail and the event of a move say of the objection that it rests on, whose decision is stored in its commit. */
export const saidOf = ({ decision }: Objection): Pick<Move, 'data' | 'refusal'> => ({
  data: { refusal: refusalOf(decision) },
  refusal: refusalRecord(decision),
})

/** Stores the decision of an objection that is acted on, in the commit that moves the transaction. */
export const keepDecision = (
  trx: Kysely<Database>,
  { id }: Pick<TransactionRow, 'id'>,
  { decision }: Objection,
  principal: Principal,
  at: Date,
): Promise<void> => storeRefusal(trx, principal, decision, { about: { transaction: id }, at })

/**
 * Refuses a transaction that waits, with the decision against it and, if it is held, the end of its review in the same commit. Null,
 * and nothing written: it was moved meanwhile, or the rules have changed again.
 */
export const refuse = (
  services: Services,
  waiting: TransactionRow,
  objection: Objection,
  principal: Principal,
): Promise<TransactionRow | null> =>
  advance(services, waiting, {
    to: 'refused',
    principal,
    facts: factsOf(objection),
    nextAttemptAt: null,
    listVersion: objection.decision.rulesVersion,
    ...saidOf(objection),
    alongside: async (trx, at) => {
      await keepDecision(trx, waiting, objection, principal, at)
      if (waiting.state === 'held') await retireReview(trx, waiting.id, principal, { because: 'refused', at })
    },
  })
