import type { Database } from '../../../db/schema.ts'

/** Days that are kept what is deleted by its age. */
export interface RetentionPeriods {
  /** Bodies of webhooks, from when they were processed; of a dead one, from when it died after an operator had it tried again. */
  webhooks: number
  /** Deliveries to endpoints and their tries, from their end. */
  deliveries: number
  /** Sessions, from their end. */
  sessions: number
  /** Files of reports, from when they were made. */
  reports: number
  /** What paid APIs answered, from when they did. */
  answers: number
}

/** Rows that are kept for the same time for the same reason. */
export interface RetentionClass {
  name: string
  tables: readonly (keyof Database)[]
  /** Days by the setting of this name; or when they go, or that they stay. */
  period: keyof RetentionPeriods | 'for ever' | 'until they end'
  why: string
}

/** Every table, and how long its rows are kept. The page in the docs is drawn from it. */
export const retentionClasses: readonly RetentionClass[] = [
  {
    name: 'audit log',
    tables: [
      'audit',
      'audit_unsealed',
      'audit_position',
      'audit_checkpoint',
      'audit_node',
      'audit_export',
      'event',
      'event_unplaced',
      'event_position',
    ],
    period: 'for ever',
    why: 'It proves what happened; a leaf that is gone breaks the proof of every other. The database refuses to delete one.',
  },
  {
    name: 'decisions',
    tables: ['decision', 'review', 'policy', 'buying_policy', 'approval', 'hold', 'disposal'],
    period: 'for ever',
    why: 'Leaves of the audit log speak of them: why something was allowed or refused, and who said so.',
  },
  {
    name: 'lists',
    tables: ['list', 'list_entry', 'list_version', 'list_import'],
    period: 'for ever',
    why: 'Who was on a list at a time must be told years later. Only the rows of an import that came to nothing are deleted, at once.',
  },
  {
    name: 'money',
    tables: [
      'payment',
      'transaction',
      'eerc_token',
      'eerc_operation',
      'access',
      'purchase',
      'asset',
      'paywall',
      'wallet',
      'meter',
      'signer_lane',
      'signer_attempt',
      'signer_send',
      'x402_payment',
    ],
    period: 'for ever',
    why: 'They are the books.',
  },
  {
    name: 'who may do what',
    tables: ['app', 'app_origin', 'app_user', 'api_key', 'endpoint', 'endpoint_cursor'],
    period: 'for ever',
    why: 'The audit log names its actors by them. They hold references, not names.',
  },
  {
    name: 'idempotency keys',
    tables: ['idempotency'],
    period: 'for ever',
    why: 'A key lives as long as what it made: repeated years later, it must not pay again.',
  },
  {
    name: 'reports',
    tables: ['report'],
    period: 'for ever',
    why: 'That a report was made, its manifest and its signature stay, so that a copy elsewhere can be verified.',
  },
  {
    name: 'files of reports',
    tables: ['report_file'],
    period: 'reports',
    why: 'They are copies of what the tables have, and can be made again.',
  },
  {
    name: 'webhooks',
    tables: ['webhook_inbox'],
    period: 'webhooks',
    why: 'Raw words of a provider, of use while an incident is looked into. What came of them is in the audit log. A dead one stays until somebody looked.',
  },
  {
    name: 'answers of paid APIs',
    tables: ['purchase_answer'],
    period: 'answers',
    why: 'What was bought was handed over when it came; this copy answers whoever asks again with the same key.',
  },
  {
    name: 'deliveries',
    tables: ['delivery', 'delivery_attempt'],
    period: 'deliveries',
    why: 'Who was told of what and when, and the beginning of what was answered, while it can still be a question. The events stay.',
  },
  {
    name: 'sessions',
    tables: ['session'],
    period: 'sessions',
    why: 'When somebody was signed in, for whoever looks into a misuse. That they were stays in the audit log.',
  },
  {
    name: 'what ends by itself',
    tables: ['challenge', 'x402_nonce', 'rate_limit', 'lease', 'endpoint_secret'],
    period: 'until they end',
    why: 'Questions that nobody answered in time, counts of minutes, turns at work, secrets until the next but one: they say nothing about anybody.',
  },
]
