import { expireApproval } from '../domain/approvals/expire-approval.ts'
import { claimOverdue, type Overdue, postponeOverdue, type Undecided } from '../domain/deadlines.ts'
import { expireReview } from '../domain/reviews/expire-review.ts'
import type { Services } from '../services.ts'
import { dueShards } from './due-shards.ts'
import type { Queue } from './row-worker.ts'

const expire = { approval: expireApproval, review: expireReview }

/** What nobody decided on in time. */
export const deadlineQueue = (services: Services, table: Undecided): Queue<Overdue> => ({
  name: `${table}s`,
  dueShards: () => dueShards(services, table),
  claim: (shard, limit) => claimOverdue(services, table, shard, limit),
  work: (row) => expire[table](services, row),
  giveBack: (row) => postponeOverdue(services, table, row),
})
