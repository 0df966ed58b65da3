import type { InboxState } from '../../contract/inbox.ts'
import type { States } from '../states.ts'

/** The law of the inbox of webhooks. */
export const inboxStates = {
  received: {
    says: 'stored, and answered; it is looked into as soon as a worker is free, and again after a failure',
    by: { processed: 'inbox', rejected: 'inbox', dead: 'clock' },
  },
  processed: { says: 'it had its effect, or has none here', by: {} },
  rejected: {
    says: 'signed, and means nothing to us: its body is not what its source sends',
    by: { received: 'operator' },
  },
  dead: {
    says: 'looking into it failed too often; an operator was alerted, and it waits for one',
    by: { received: 'operator' },
  },
} as const satisfies States<InboxState>
