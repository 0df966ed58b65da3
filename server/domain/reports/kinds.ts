/** What a report may be about. */
export const reportKinds = [
  'decisions',
  'refusals',
  'reviews',
  'list-changes',
  'privileged-actions',
  'payments-by-jurisdiction',
] as const

export type ReportKind = (typeof reportKinds)[number]

/** The tables of each kind, and their columns. Each is a CSV file of its own; all tables of a kind are one JSON file. */
export const tablesOf = {
  decisions: {
    decisions: [
      'decision',
      'at',
      'action',
      'outcome',
      'codes',
      'policy_version',
      'rules_version',
      'payer',
      'recipient',
      'wallet',
      'asset',
      'amount',
      'details',
      'commitment',
    ],
    'decisions-by-outcome': ['action', 'outcome', 'decisions'],
    'decisions-by-day': ['day', 'allow', 'review', 'deny'],
  },
  refusals: {
    refusals: [
      'decision',
      'at',
      'action',
      'rule',
      'code',
      'list',
      'message',
      'remedy',
      'evidence',
      'policy_version',
      'rules_version',
      'payer',
      'recipient',
      'asset',
      'amount',
      'details',
    ],
    'refusals-by-rule': ['rule', 'code', 'refusals'],
  },
  reviews: {
    reviews: [
      'review',
      'payment',
      'decision',
      'requested_by',
      'opened_at',
      'outcome',
      'decided_by',
      'closed_at',
      'age_seconds',
    ],
    'reviews-by-outcome': ['outcome', 'reviews', 'shortest_seconds', 'median_seconds', 'longest_seconds'],
    'reviews-by-age': ['age', 'closed', 'open'],
  },
  'list-changes': {
    'list-changes': [
      'at',
      'actor',
      'action',
      'list',
      'kind',
      'subject',
      'object',
      'import',
      'added',
      'removed',
      'changed',
      'reason',
      'source',
      'approval',
      'valid_from',
      'valid_until',
      'rules_version',
    ],
    'list-changes-by-list': ['list', 'action', 'changes'],
  },
  'privileged-actions': {
    'privileged-actions': [
      'at',
      'actor',
      'action',
      'object_type',
      'object',
      'requested_by',
      'approval',
      'reason',
      'data',
    ],
    'privileged-actions-by-action': ['action', 'actions'],
    'privileged-actions-by-actor': ['actor', 'actions'],
  },
  'payments-by-jurisdiction': {
    'payments-by-jurisdiction': [
      'jurisdiction',
      'asset',
      'chain',
      'symbol',
      'decimals',
      'accepted',
      'accepted_amount',
      'settled',
      'settled_amount',
    ],
  },
} as const satisfies Record<ReportKind, Record<string, readonly string[]>>

type Tables = { [Kind in ReportKind]: (typeof tablesOf)[Kind] }[ReportKind]

/** The name of a table, and of its CSV file. */
export type TableName = Tables extends infer Each ? (Each extends unknown ? keyof Each & string : never) : never

/** The columns of a table. */
export type ColumnOf<Name extends TableName> = Tables extends infer Each
  ? Each extends Record<Name, readonly (infer Column extends string)[]>
    ? Column
    : never
  : never
