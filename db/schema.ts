import type { ColumnType, GeneratedAlways, Insertable, JSONColumnType, Selectable } from 'kysely'

/** Set when the row is made, never changed. */
type Fixed<T> = ColumnType<T, T, never>

/** A row with a trail: how many audit leaves it has, and the hash of the last. */
interface Trailed {
  version: bigint
  audit_head: Buffer
}

/** A row that is work: found by shard, when it is due. */
interface Work {
  shard: Fixed<number>
  next_attempt_at: Date | null
  attempts: number
}

interface AppTable extends Trailed {
  id: Fixed<string>
  name: string
  created_at: Fixed<Date>
}

interface AppOriginTable {
  origin: Fixed<string>
  app_id: Fixed<string>
  created_at: Fixed<Date>
}

interface AppUserTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  address: Fixed<string>
  roles: string[]
  created_at: Fixed<Date>
}

interface ChallengeTable {
  nonce_hash: Fixed<Buffer>
  app_id: Fixed<string>
  user_id: Fixed<string | null>
  address: Fixed<string>
  chain_id: Fixed<bigint>
  origin: Fixed<string>
  message: Fixed<string>
  expires_at: Fixed<Date>
}

interface SessionTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  user_id: Fixed<string>
  secret_hash: Fixed<Buffer>
  address: Fixed<string>
  created_at: Fixed<Date>
  last_seen_at: Date
  expires_at: Fixed<Date>
  revoked_at: Date | null
}

/** The action of an approval as stored. */
export interface ActionRecord {
  type: string
  [field: string]: unknown
}

interface ApprovalTable extends Trailed, Work {
  id: Fixed<string>
  app_id: Fixed<string>
  action: JSONColumnType<ActionRecord, string, never>
  reason: Fixed<string>
  state: 'requested' | 'approved' | 'rejected' | 'expired'
  requested_by: Fixed<string>
  decided_by: string | null
  note: string | null
  created_at: Fixed<Date>
  expires_at: Fixed<Date>
  decided_at: Date | null
}

interface ApiKeyTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string | null>
  name: string
  prefix: Fixed<string>
  hash: Fixed<Buffer>
  scopes: Fixed<string[] | null>
  created_at: Fixed<Date>
  last_used_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
}

interface AssetTable extends Trailed {
  id: Fixed<string>
  chain_id: Fixed<bigint>
  address: Fixed<string>
  symbol: string
  decimals: number
  created_at: Fixed<Date>
}

interface WalletTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  kind: Fixed<'custodial' | 'external' | 'treasury'>
  provider: Fixed<'crossmint' | 'local' | 'none'>
  address: Fixed<string>
  owner: Fixed<string>
  user_id: string | null
  chain_id: Fixed<bigint | null>
  created_at: Fixed<Date>
}

interface PaywallTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  merchant_id: Fixed<string | null>
  title: string
  asset_id: Fixed<string>
  price: bigint
  recipient: string
  access_seconds: bigint | null
  state: 'open' | 'archived'
  expires_at: Date | null
  created_at: Fixed<Date>
  updated_at: Date
}

/** One rule's result, as stored and as shown. */
export interface CheckRecord {
  rule: string
  outcome: 'allow' | 'deny' | 'review'
  code: string
  message: string
  list: string | null
  /** Absent in rows from before there were attestations. */
  evidence?: string | null
  remedy: string | null
}

interface PolicyTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  number: Fixed<number>
  state: 'draft' | 'published' | 'retired'
  rules: JSONColumnType<Record<string, unknown>[], string, never>
  created_at: Fixed<Date>
  published_at: Date | null
}

/** Of a meter, in slots of a twelfth of its window: slot number, payments, base units in decimal. */
export type BucketRecord = [slot: number, count: number, sum: string]

interface MeterTable {
  app_id: Fixed<string>
  key: Fixed<string>
  version: bigint
  buckets: JSONColumnType<BucketRecord[], string, string>
}

interface ReviewTable extends Trailed, Work {
  id: Fixed<string>
  app_id: Fixed<string>
  payment_id: Fixed<string>
  decision_id: Fixed<string>
  requested_by: Fixed<string>
  state: 'open' | 'approved' | 'denied' | 'expired' | 'obsolete'
  assigned_to: string | null
  decided_by: string | null
  note: string | null
  created_at: Fixed<Date>
  expires_at: Fixed<Date>
  decided_at: Date | null
}

interface DecisionTable {
  id: Fixed<string>
  app_id: Fixed<string>
  action: Fixed<string>
  outcome: Fixed<'allow' | 'deny' | 'review'>
  subject: JSONColumnType<Record<string, string>, string, never>
  checks: JSONColumnType<CheckRecord[], string, never>
  list_version: Fixed<bigint>
  policy_id: Fixed<string | null>
  policy_number: Fixed<number | null>
  commitment: Fixed<Buffer | null>
  created_at: Fixed<Date>
}

interface ListVersionTable {
  app_id: Fixed<string>
  version: bigint
  updated_at: Date
}

interface ListTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  name: Fixed<string>
  kind: Fixed<'deny' | 'allow' | 'sanctions'>
  snapshot_id: string
  changed_in: bigint
  created_at: Fixed<Date>
}

/** An entry as shown in a comparison; times in ISO 8601. */
export interface SampleRecord {
  subject: string
  reason: string
  source: string
  validFrom: string | null
  validUntil: string | null
}

/** Some of what an import would change. */
export interface SamplesRecord {
  added: SampleRecord[]
  removed: SampleRecord[]
  changed: SampleRecord[]
  unchanged: SampleRecord[]
}

interface ListImportTable {
  id: Fixed<string>
  app_id: Fixed<string>
  list_id: Fixed<string>
  state: 'staging' | 'staged' | 'published' | 'discarded' | 'expired'
  source: Fixed<string>
  staged_by: Fixed<string>
  entries: number | null
  duplicates: number | null
  skipped: number | null
  added: number | null
  removed: number | null
  changed: number | null
  unchanged: number | null
  samples: JSONColumnType<SamplesRecord, string, string> | null
  hash: Buffer | null
  compared_in: bigint | null
  created_at: Fixed<Date>
  expires_at: Fixed<Date>
  published_at: Date | null
  published_in: bigint | null
  swept_at: Date | null
}

interface ListEntryTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  list_id: Fixed<string>
  snapshot_id: Fixed<string>
  /** A checksummed address, `wallet:<id>` or `user:<id>`. */
  subject: Fixed<string>
  reason: Fixed<string>
  source: Fixed<string>
  valid_from: Fixed<Date | null>
  valid_until: Fixed<Date | null>
  imported: ColumnType<boolean, boolean | undefined, never>
  created_at: Fixed<Date>
  removed_at: Date | null
}

/** A contract call as stored: `value` in wei, in decimal. */
export interface CallRecord {
  to: string
  value: string
  data: string
}

/** What kind of object owns a transaction. */
type Purpose = 'payment' | 'operation'

interface TransactionTable extends Work {
  id: Fixed<string>
  purpose: ColumnType<Purpose, Purpose | undefined, never>
  app_id: Fixed<string>
  wallet_id: Fixed<string>
  chain_id: Fixed<bigint>
  /** `external`: whoever owns the wallet signs it, and brings it to the chain. */
  provider: Fixed<'crossmint' | 'local' | 'external'>
  sender: Fixed<string>
  calls: JSONColumnType<CallRecord[], string, string>
  state:
    | 'held'
    | 'queued'
    | 'submitting'
    | 'submitted'
    | 'confirmed'
    | 'failed'
    | 'attention'
    | 'cancelled'
    | 'refused'
    | 'expired'
  reference: string | null
  user_operation_hash: string | null
  transaction_hash: string | null
  block_number: bigint | null
  block_hash: string | null
  log_index: number | null
  failure_reason: string | null
  failure_message: string | null
  /** The decision by which compliance refused it. */
  refusal_id: string | null
  /** The version of the rules that compliance was last asked on while it waits. */
  screened_version: bigint
  submitting_since: Date | null
  /** The chain was searched up to this block for what the payer has signed. */
  searched_block: bigint | null
  created_at: Fixed<Date>
  updated_at: Date
  version: bigint
}

interface PaymentTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  paywall_id: Fixed<string>
  wallet_id: Fixed<string>
  asset_id: Fixed<string>
  transaction_id: Fixed<string>
  decision_id: Fixed<string>
  payer: Fixed<string>
  recipient: Fixed<string>
  amount: Fixed<bigint>
  state: 'held' | 'accepted' | 'submitted' | 'settled' | 'failed' | 'attention' | 'cancelled' | 'refused' | 'expired'
  settled_at: Date | null
  created_at: Fixed<Date>
  updated_at: Date
}

interface BuyingPolicyTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  number: Fixed<number>
  state: 'draft' | 'published' | 'retired'
  terms: JSONColumnType<Record<string, unknown>, string, never>
  approval_id: string | null
  created_at: Fixed<Date>
  published_at: Date | null
}

/** Why something was not bought, as stored and as shown. */
export interface BuyingCheckRecord {
  rule: string
  message: string
  remedy: string
}

interface PurchaseTable extends Trailed, Work {
  id: Fixed<string>
  app_id: Fixed<string>
  requested_by: Fixed<string>
  way: Fixed<'direct' | 'httpayer'>
  method: Fixed<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>
  url: Fixed<string>
  state: 'requested' | 'paying' | 'completed' | 'failed' | 'refused' | 'attention'
  policy_id: string | null
  asset_id: string | null
  payer: string | null
  payee: string | null
  price: bigint | null
  fee: bigint | null
  spent: bigint
  authorization_nonce: string | null
  valid_before: Date | null
  from_block: bigint | null
  paying_at: Date | null
  reference: string | null
  claimed_hash: string | null
  transaction_hash: string | null
  failure_reason: string | null
  failure_message: string | null
  checks: JSONColumnType<BuyingCheckRecord[], string, string>
  created_at: Fixed<Date>
  updated_at: Date
}

interface PurchaseAnswerTable {
  purchase_id: Fixed<string>
  status: Fixed<number>
  headers: JSONColumnType<Record<string, string>, string, never>
  body: Fixed<Buffer>
  truncated: Fixed<boolean>
  created_at: Fixed<Date>
}

interface EercTokenTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  asset_id: Fixed<string>
  kind: Fixed<'permissioned' | 'encrypted'>
  standard: Fixed<'erc-7943' | 'erc-7943-draft' | 'erc-3643' | 'erc-1404' | 'can-transfer' | null>
  agent_wallet_id: Fixed<string | null>
  capabilities: JSONColumnType<Record<string, boolean>, string, string>
  roles: JSONColumnType<Record<string, 'held' | 'lacking' | 'unknown'>, string, string>
  created_at: Fixed<Date>
}

interface EercOperationTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  token_id: Fixed<string>
  wallet_id: Fixed<string>
  type: Fixed<string>
  action: JSONColumnType<Record<string, unknown>, string, never>
  payer: Fixed<string>
  recipient: Fixed<string>
  amount: Fixed<bigint>
  state: PaymentTable['state']
  requested_by: Fixed<string>
  reason: Fixed<string | null>
  approval_id: Fixed<string | null>
  decision_id: Fixed<string>
  transaction_id: Fixed<string>
  settled_at: Date | null
  created_at: Fixed<Date>
  updated_at: Date
}

interface AccessTable {
  id: Fixed<string>
  app_id: Fixed<string>
  paywall_id: Fixed<string>
  wallet_id: Fixed<string>
  payment_id: Fixed<string>
  starts_at: Fixed<Date>
  expires_at: Date | null
  revoked_at: Date | null
  created_at: Fixed<Date>
}

interface IdempotencyTable {
  app_id: Fixed<string>
  subject: Fixed<string>
  procedure: Fixed<string>
  key: Fixed<string>
  request_hash: Fixed<Buffer>
  resource_id: Fixed<string>
  created_at: Fixed<Date>
}

interface WebhookInboxTable extends Work {
  id: GeneratedAlways<string>
  version: ColumnType<bigint, undefined, bigint>
  audit_head: ColumnType<Buffer, undefined, Buffer>
  provider: Fixed<string>
  event_id: Fixed<string>
  type: Fixed<string | null>
  body: Fixed<Buffer>
  state: 'received' | 'processed' | 'rejected' | 'dead'
  result: string | null
  last_error: string | null
  conflicts: ColumnType<number, undefined, number>
  received_at: Fixed<Date>
  processed_at: Date | null
  transaction_ids: ColumnType<string[] | null, undefined, string[] | null>
}

interface ReportTable extends Trailed, Work {
  id: Fixed<string>
  app_id: Fixed<string>
  kinds: Fixed<string[]>
  period_from: Fixed<Date>
  period_to: Fixed<Date>
  schedule: Fixed<string | null>
  state: 'requested' | 'ready' | 'failed' | 'expired'
  requested_by: Fixed<string>
  failure: string | null
  manifest: JSONColumnType<Record<string, unknown>, string, string> | null
  content_id: string | null
  created_at: Fixed<Date>
  finished_at: Date | null
}

interface ReportFileTable {
  report_id: Fixed<string>
  content_id: Fixed<string>
  name: Fixed<string>
  part: Fixed<number>
  content: Fixed<string>
  created_at: Fixed<Date>
}

interface HoldTable extends Trailed {
  id: Fixed<string>
  app_id: Fixed<string>
  object_type: Fixed<'app' | 'user' | 'wallet' | 'payment' | 'report'>
  object_id: Fixed<string>
  reason: Fixed<string>
  placed_by: Fixed<string>
  created_at: Fixed<Date>
  released_at: Date | null
}

interface DisposalTable {
  id: Fixed<string>
  class: Fixed<string>
  /** What was deleted is from before it. */
  before: Fixed<Date>
  deleted: Fixed<number>
  created_at: Fixed<Date>
}

interface EventTable {
  object_id: Fixed<string>
  sequence: Fixed<bigint>
  object_type: Fixed<string>
  app_id: Fixed<string>
  type: Fixed<string>
  data: JSONColumnType<Record<string, unknown>, string, never>
  created_at: Fixed<Date>
}

interface EventUnplacedTable {
  shard: Fixed<number>
  recorded_at: GeneratedAlways<Date>
  object_id: Fixed<string>
  sequence: Fixed<bigint>
}

interface EventPositionTable {
  app_id: Fixed<string>
  position: Fixed<bigint>
  object_id: Fixed<string>
  sequence: Fixed<bigint>
}

interface EndpointTable extends Trailed {
  id: Fixed<string>
  /** Null: the platform's. */
  app_id: Fixed<string | null>
  url: string
  types: string[]
  description: string
  state: 'enabled' | 'disabled' | 'deleted'
  disabled_because: 'asked' | 'failing' | 'gone' | null
  disabled_at: Date | null
  /** When it first failed after it last did not. */
  failing_since: Date | null
  created_at: Fixed<Date>
}

interface EndpointSecretTable {
  endpoint_id: Fixed<string>
  number: Fixed<number>
  secret: Fixed<string>
  created_at: Fixed<Date>
  expires_at: Date | null
}

interface EndpointCursorTable {
  endpoint_id: Fixed<string>
  /** Whose feed it is. */
  app_id: Fixed<string>
  position: bigint
}

interface DeliveryTable {
  id: Fixed<string>
  endpoint_id: Fixed<string>
  /** Whose the event is. */
  app_id: Fixed<string>
  object_id: Fixed<string>
  sequence: Fixed<bigint>
  type: Fixed<string>
  state: 'waiting' | 'delivered' | 'failed'
  /** Tries that ended, and how many of them since it was asked for last. */
  attempts: number
  spent: number
  next_attempt_at: Date | null
  /** Of the last try: the HTTP status that came, and why it failed. */
  status: number | null
  failure: string | null
  created_at: Fixed<Date>
  ended_at: Date | null
}

interface DeliveryAttemptTable {
  delivery_id: Fixed<string>
  number: Fixed<number>
  url: Fixed<string>
  started_at: Fixed<Date>
  milliseconds: Fixed<number>
  status: Fixed<number | null>
  failure: Fixed<string | null>
  /** The beginning of what was answered. */
  response: Fixed<string | null>
}

interface AuditTable {
  stream: Fixed<string>
  sequence: Fixed<bigint>
  app_id: Fixed<string>
  body: Fixed<Buffer>
  hash: Fixed<Buffer>
}

/** A leaf that has no place in the log yet. */
interface AuditUnsealedTable {
  shard: Fixed<number>
  /** When its transaction began, by the database's clock. */
  recorded_at: GeneratedAlways<Date>
  stream: Fixed<string>
  sequence: Fixed<bigint>
}

/** The place of a leaf in the log over all apps. */
interface AuditPositionTable {
  leaf_index: Fixed<bigint>
  stream: Fixed<string>
  sequence: Fixed<bigint>
  /** Of the leaf, as it was sealed there. */
  hash: Fixed<Buffer>
}

interface AuditCheckpointTable {
  number: Fixed<bigint>
  tree_size: Fixed<bigint>
  root: Fixed<Buffer>
  previous: Fixed<Buffer>
  sealed_at: Fixed<Date>
  key_id: Fixed<string>
  signature: Fixed<Buffer>
  frontier: Fixed<Buffer>
}

interface AuditNodeTable {
  level: Fixed<number>
  node_index: Fixed<bigint>
  hash: Fixed<Buffer>
}

interface AuditExportTable {
  destination: Fixed<Buffer>
  number: bigint
  exported_at: Date
}

interface SignerLaneTable {
  chain_id: Fixed<bigint>
  address: Fixed<string>
  next_nonce: bigint
  halted_because: string | null
  halted_at: Date | null
  created_at: Fixed<Date>
}

interface SignerSendTable {
  /** Of the transaction it serves. */
  id: Fixed<string>
  chain_id: Fixed<bigint>
  address: Fixed<string>
  nonce: Fixed<bigint>
  target: Fixed<string>
  value: Fixed<bigint>
  data: Fixed<string>
  gas: Fixed<bigint>
  state: 'open' | 'withdrawn' | 'mined' | 'reverted' | 'cancelled' | 'taken'
  transaction_hash: string | null
  block_number: bigint | null
  failure_reason: string | null
  failure_message: string | null
  created_at: Fixed<Date>
  settled_at: Date | null
}

interface SignerAttemptTable {
  send_id: Fixed<string>
  number: Fixed<number>
  kind: Fixed<'send' | 'cancel'>
  hash: Fixed<string>
  raw: Fixed<string>
  fee_cap: Fixed<bigint>
  tip: Fixed<bigint>
  signed_at: Fixed<Date>
}

/** An authorization that was taken over HTTP 402, and the payment that it is. */
interface X402PaymentTable {
  payment_id: Fixed<string>
  app_id: Fixed<string>
  paywall_id: Fixed<string>
  chain_id: Fixed<bigint>
  token: Fixed<string>
  payer: Fixed<string>
  /** Of the authorization: 32 bytes, in lower case. */
  nonce: Fixed<string>
  /** Of what was signed and the signature. */
  payload_hash: Fixed<Buffer>
  /** What the buyer calls it. */
  identifier: Fixed<string | null>
  created_at: Fixed<Date>
}

interface X402NonceTable {
  nonce: Fixed<string>
  expires_at: Fixed<Date>
}

interface LeaseTable {
  name: Fixed<string>
  holder: string
  held_until: Date
}

interface RateLimitTable {
  key: Fixed<string>
  points: number
  /** In milliseconds since 1970. */
  expire: bigint
}

/** Every table of the service. */
export interface Database {
  app: AppTable
  app_origin: AppOriginTable
  app_user: AppUserTable
  challenge: ChallengeTable
  session: SessionTable
  approval: ApprovalTable
  api_key: ApiKeyTable
  asset: AssetTable
  wallet: WalletTable
  paywall: PaywallTable
  decision: DecisionTable
  policy: PolicyTable
  meter: MeterTable
  review: ReviewTable
  list_version: ListVersionTable
  list: ListTable
  list_import: ListImportTable
  list_entry: ListEntryTable
  transaction: TransactionTable
  payment: PaymentTable
  buying_policy: BuyingPolicyTable
  purchase: PurchaseTable
  purchase_answer: PurchaseAnswerTable
  eerc_token: EercTokenTable
  eerc_operation: EercOperationTable
  access: AccessTable
  idempotency: IdempotencyTable
  webhook_inbox: WebhookInboxTable
  report: ReportTable
  report_file: ReportFileTable
  hold: HoldTable
  disposal: DisposalTable
  event: EventTable
  event_unplaced: EventUnplacedTable
  event_position: EventPositionTable
  endpoint: EndpointTable
  endpoint_secret: EndpointSecretTable
  endpoint_cursor: EndpointCursorTable
  delivery: DeliveryTable
  delivery_attempt: DeliveryAttemptTable
  audit: AuditTable
  audit_unsealed: AuditUnsealedTable
  audit_position: AuditPositionTable
  audit_checkpoint: AuditCheckpointTable
  audit_node: AuditNodeTable
  audit_export: AuditExportTable
  signer_lane: SignerLaneTable
  signer_send: SignerSendTable
  signer_attempt: SignerAttemptTable
  x402_payment: X402PaymentTable
  x402_nonce: X402NonceTable
  lease: LeaseTable
  rate_limit: RateLimitTable
}

export type AppRow = Selectable<AppTable>
export type UserRow = Selectable<AppUserTable>
export type SessionRow = Selectable<SessionTable>
export type ApprovalRow = Selectable<ApprovalTable>
export type PolicyRow = Selectable<PolicyTable>
export type ReviewRow = Selectable<ReviewTable>
export type ApiKeyRow = Selectable<ApiKeyTable>
export type AssetRow = Selectable<AssetTable>
export type WalletRow = Selectable<WalletTable>
export type PaywallRow = Selectable<PaywallTable>
export type DecisionRow = Selectable<DecisionTable>
export type ListRow = Selectable<ListTable>
export type ListImportRow = Selectable<ListImportTable>
export type ListEntryRow = Selectable<ListEntryTable>
export type TransactionRow = Selectable<TransactionTable>
export type PaymentRow = Selectable<PaymentTable>
export type BuyingPolicyRow = Selectable<BuyingPolicyTable>
export type PurchaseRow = Selectable<PurchaseTable>
export type EercTokenRow = Selectable<EercTokenTable>
export type EercOperationRow = Selectable<EercOperationTable>
export type AccessRow = Selectable<AccessTable>
export type ReportRow = Selectable<ReportTable>
export type HoldRow = Selectable<HoldTable>
export type WebhookRow = Selectable<WebhookInboxTable>
export type EndpointRow = Selectable<EndpointTable>
export type DeliveryRow = Selectable<DeliveryTable>
export type DeliveryAttemptRow = Selectable<DeliveryAttemptTable>
export type CheckpointRow = Selectable<AuditCheckpointTable>
export type SignerLaneRow = Selectable<SignerLaneTable>
export type SignerSendRow = Selectable<SignerSendTable>
export type SignerAttemptRow = Selectable<SignerAttemptTable>
export type NewEvent = Insertable<EventTable>
export type NewAudit = Insertable<AuditTable>
export type EventRow = Selectable<EventTable>
