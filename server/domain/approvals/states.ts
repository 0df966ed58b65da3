import type { ApprovalState } from '../../contract/entities.ts'
import type { States } from '../states.ts'

/** The life of an approval: what may follow each state, and who may cause it. The picture in the docs is drawn from it. */
export const approvalStates = {
  requested: {
    by: { approved: 'another person', rejected: 'another person', expired: 'clock' },
    says: 'the action waits for the word of somebody else; nothing of it was done',
  },
  approved: { by: {}, says: 'somebody else agreed, and the action was done in the same commit' },
  rejected: { by: {}, says: 'somebody else refused; nothing was done' },
  expired: { by: {}, says: 'nobody decided within 24 hours; nothing was done' },
} as const satisfies States<ApprovalState>
