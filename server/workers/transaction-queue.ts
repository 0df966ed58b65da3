import type { TransactionRow } from '../../db/schema.ts'
import { claimDue } from '../domain/transactions/claim-due.ts'
import { nextLook, postpone } from '../domain/transactions/postpone.ts'
import { workOn } from '../domain/transactions/work.ts'
import type { Services } from '../services.ts'
import { dueShards } from './due-shards.ts'
import type { Queue } from './row-worker.ts'

/** The dispatcher and the tracker: every transaction that is due, whatever it needs next. */
export const transactionQueue = (services: Services): Queue<TransactionRow> => ({
  name: 'transactions',
  dueShards: () => dueShards(services, 'transaction'),
  claim: (shard, limit) => claimDue(services, shard, limit),
  work: (row) => workOn(services, row),
  giveBack: (row) => postpone(services, row, nextLook(services, row.attempts)),
})
