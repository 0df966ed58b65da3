import { claimExpired, type ExpiredApproval, postponeExpired } from '../domain/approvals/claim-expired.ts'
import { expireApproval } from '../domain/approvals/expire-approval.ts'
import type { Services } from '../services.ts'
import { dueShards } from './due-shards.ts'
import type { Queue } from './row-worker.ts'

/** Approvals that nobody decided on in time. */
export const approvalQueue = (services: Services): Queue<ExpiredApproval> => ({
  name: 'approvals',
  dueShards: () => dueShards(services, 'approval'),
  claim: (shard, limit) => claimExpired(services, shard, limit),
  work: (approval) => expireApproval(services, approval),
  giveBack: (approval) => postponeExpired(services, approval),
})
