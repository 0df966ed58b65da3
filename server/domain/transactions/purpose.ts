import type { Kysely, RawBuilder } from 'kysely'
import type { Database, TransactionRow } from '../../../db/schema.ts'
import type { Check, Hash } from '../../contract/entities.ts'
import type { Chain, Receipt } from '../../gateways/chain/chain.ts'
import type { Services } from '../../services.ts'
import type { TrailStep } from '../audit/trail.ts'
import type { Question } from '../compliance/question.ts'
import { operationPurpose } from '../eerc/operation-purpose.ts'
import { paymentPurpose } from '../payments/payment-purpose.ts'
import type { Move } from './advance.ts'

/** What becomes of the object that owns a transaction when that moves. */
export interface Follow {
  /** SQL: the object still is as it was read. Nothing moves otherwise. */
  stands: RawBuilder<boolean>
  /** SQL statements that take effect if there is a `moved` row: the object's own row first. */
  changes: readonly RawBuilder<unknown>[]
  step: TrailStep
}

/** What compliance is asked about a transaction, and whether an officer has let it pass what needs one. */
export interface Asked {
  question: Question
  isReviewed: boolean
}

/** What a receipt proves about a transaction. */
export type Proof =
  | { proven: true; logIndex: number }
  /** `reverted`: it had no effect. `absent`: it had an effect, but not the one that was asked for. `counted`: that one has settled another. */
  | { proven: false; because: 'reverted' | 'absent' | 'counted' }

/** What a transaction can be for. An object owns it, and changes with it. */
export interface Purpose {
  /** Null: the transaction has moved on since it was read. */
  follow(services: Services, from: TransactionRow, move: Move, now: Date): Promise<Follow | null>
  /** By the ids of the transactions. */
  ask(services: Services, transactions: readonly TransactionRow[]): Promise<ReadonlyMap<string, Asked>>
  /** Whether another of ours is on its way, after which what the chain says to this one may be something else: it waits for that. */
  isBehindOthers?(db: Kysely<Database>, queued: TransactionRow): Promise<boolean>
  /**
   * Asks the chain, where what it says can have changed, and makes the calls that are submitted. `against` are the checks that stop it, if
   * any do. Of what may be at its provider already the calls stay as they are: that they are no longer right is one more check.
   *
   * @throws ChainUnavailable
   */
  ready?(services: Services, transaction: TransactionRow): Promise<{ calls: string; against: Check[]; checks: Check[] }>
  /** @throws ChainUnavailable */
  prove(services: Services, transaction: TransactionRow, chain: Chain, receipt: Receipt): Promise<Proof>
  /**
   * The chain transaction with which somebody else has done what this one is for, so that ours can no longer.
   *
   * @throws ChainUnavailable
   */
  doneBy?(services: Services, transaction: TransactionRow): Promise<Hash | null>
  /** Why the chain reverted it, as far as it can tell. @throws ChainUnavailable */
  whyReverted?(
    services: Services,
    transaction: TransactionRow,
    chain: Chain,
    receipt: Receipt,
  ): Promise<{ reason: string; message: string } | null>
}

const purposes: Record<TransactionRow['purpose'], Purpose> = { payment: paymentPurpose, operation: operationPurpose }

/** What a transaction is for. */
export const purposeOf = ({ purpose }: Pick<TransactionRow, 'purpose'>): Purpose => purposes[purpose]
