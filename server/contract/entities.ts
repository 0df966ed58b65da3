import type { GrantedRole, Role, Scope, TokenScope } from './callers.ts'
import type { BuyingPublication } from './purchases.ts'

/** The nouns of the API. Amounts are base units of the asset; addresses are checksummed; times are UTC. */

/** An EVM address with its EIP-55 checksum. */
export type Address = `0x${string}`
export type Hash = `0x${string}`
export type Hex = `0x${string}`

/** A chain by its CAIP-2 name, such as `eip155:43113`. */
export type ChainName = `eip155:${number}`

/** A client application: the tenant to which everything belongs. */
export type App = {
  id: string
  name: string
  /** The pages that may use it from a browser, such as `https://app.example.com`. */
  origins: string[]
  createdAt: Date
}

/** A server's key to one app. `secret` is shown once, when the key is made. */
export type ApiKey = {
  id: string
  appId: string | null
  name: string
  /** The first characters of the secret, to recognise it by. */
  prefix: string
  /** What it may be used for; null is everything that keys of an app may do. */
  scopes: Scope[] | null
  createdAt: Date
  /** When it was last used, give or take a minute. */
  lastUsedAt: Date | null
  expiresAt: Date | null
  revokedAt: Date | null
}

/** A new key with its secret, which is stored nowhere and cannot be shown again: null in a replayed answer. */
export type NewApiKey = ApiKey & { secret: string | null; replayed: boolean }

/** A person in an app, known by a wallet. */
export type User = {
  id: string
  /** The wallet that the person is known by. */
  address: Address
  roles: Role[]
  createdAt: Date
}

/** What the owner of a wallet signs to prove that it is theirs. */
export type Challenge = {
  nonce: string
  /** The whole ERC-4361 message, to be signed as it is. */
  message: string
  expiresAt: Date
}

/** A browser that is signed in. */
export type Session = {
  id: string
  /** The wallet that it was signed in with. */
  address: Address
  createdAt: Date
  /** When it was last used, give or take a few minutes. */
  lastSeenAt: Date
  /** When it ends, however much it is used. */
  expiresAt: Date
  revokedAt: Date | null
  /** Whether it is the one that asks. */
  current: boolean
}

/** Who signed in, and with which session. */
export type SignedIn = { user: User; session: Session }

/** Who is calling. */
export type Me =
  | {
      kind: 'user'
      appId: string
      user: User
      sessionId: string
      /** What the call may be used for; null is all that the roles allow. */
      scopes: Scope[] | null
    }
  | { kind: 'service'; appId: string | null; keyId: string; scopes: Scope[] | null }

/** A short-lived bearer token for a mini-app on another site: `Authorization: Bearer …`. */
export type Token = {
  token: string
  scopes: TokenScope[]
  expiresAt: Date
}

export type ApprovalState = 'requested' | 'approved' | 'rejected' | 'expired'

/** A privileged action that waits for, or had, the word of a second person. */
export type Approval = {
  id: string
  /** What is to be done. It is done in the moment of its approval. */
  action:
    | RoleChange
    | PolicyPublication
    | BuyingPublication
    | ListAddition
    | ListRemoval
    | ListPublication
    | HoldRelease
    | OperationRelease
  reason: string
  state: ApprovalState
  /** Who asked for it, such as `user:…` or `key:…`; nobody approves what they asked for. */
  requestedBy: string
  decidedBy: string | null
  /** What the second person said. */
  note: string | null
  createdAt: Date
  /** Undecided, it is void from then on. */
  expiresAt: Date
  decidedAt: Date | null
}

/** An approval as it was asked for, and whether this answer repeats an earlier one, by its idempotency key. */
export type RequestedApproval = Approval & { replayed: boolean }

/** A role that a user is to get or to lose. */
export type RoleChange = {
  type: 'role.grant' | 'role.revoke'
  userId: string
  role: GrantedRole
}

/** A draft of a policy that is to be in force. */
export type PolicyPublication = {
  type: 'policy.publish'
  policyId: string
}

/** A legal hold that is to end. */
export type HoldRelease = {
  type: 'hold.release'
  holdId: string
}

/** Somebody who is to be put on an allow list. Times are in ISO 8601. */
export type ListAddition = {
  type: 'list.add'
  list: string
  subject: string
  reason: string
  source: string
  validFrom: string | null
  validUntil: string | null
}

/** Somebody who is to be taken off a deny or sanctions list. */
export type ListRemoval = {
  type: 'list.remove'
  list: string
  entryId: string
  subject: string
}

/** An import that is to replace what is on a list. */
export type ListPublication = {
  type: 'list.publish'
  list: string
  importId: string
  added: number
  removed: number
  changed: number
  unchanged: number
  /** Of the import's entries, in hex. */
  hash: string
}

/** An operation on a token that is held until somebody else has approved it: `eerc.transfer` of a holder, any other for the issuer. */
export type OperationRelease = {
  type: 'eerc.operate' | 'eerc.transfer'
  operationId: string
  transactionId: string
  tokenId: string
  operation: string
  /** What the operation is about; amounts in base units, in decimal. */
  fields: Record<string, unknown>
}

/** A token on a chain. */
export type Asset = {
  id: string
  chain: ChainName
  address: Address
  symbol: string
  decimals: number
}

/** An on-chain account we know. */
export type Wallet = {
  id: string
  kind: 'custodial' | 'external' | 'treasury'
  address: Address
  /** The app's own reference to whoever owns it. Not a name, mail address or other personal data. */
  owner: string
  /** The user whose it is: opened or proven by them, or linked to them by the app. */
  userId: string | null
  createdAt: Date
}

/** What a wallet holds of one asset, read from the chain. */
export type Balance = {
  assetId: string
  chain: ChainName
  symbol: string
  decimals: number
  /** In base units. */
  amount: bigint
}

/** A resource with a price. */
export type Paywall = {
  id: string
  title: string
  /** The user who opened it; null if the app's server did. */
  merchantId: string | null
  assetId: string
  /** In base units of the asset. */
  price: bigint
  recipient: Address
  /** How long a payment buys access, in seconds; null is for ever. */
  accessSeconds: number | null
  state: 'open' | 'archived'
  /** No payment is accepted from then on; null is never. */
  expiresAt: Date | null
  createdAt: Date
  updatedAt: Date
}

/** One rule of compliance and what it found. */
export type Check = {
  rule: string
  outcome: 'allow' | 'deny' | 'review'
  /** Stable, such as `ADDRESS_ON_DENY_LIST`. */
  code: string
  /** For people. */
  message: string
  /** The list it found something on. */
  list: string | null
  /** What it rests on: the attestations, by provider and id. */
  evidence: string | null
  /** What would satisfy the rule; null when it is satisfied. */
  remedy: string | null
}

/** The outcome of compliance for one action, with every check that led to it. */
export type Decision = {
  id: string
  action: string
  outcome: 'allow' | 'deny' | 'review'
  /** What was decided on: addresses, wallet, user, asset, amount in base units. */
  subject: Record<string, string>
  checks: Check[]
  /** The version of the app's lists and policy it was made on: it counts up with every change of either. */
  listVersion: bigint
  /** The version of the policy in force then; 0 of an app that had published none. */
  policyVersion: number
  /** SHA-256, in hex, of the canonical bytes of what was decided on and when: it binds the outcome to them. */
  commitment: string | null
  createdAt: Date
}

/** Why compliance refuses, what would satisfy it, and the versions of lists and policy that were asked. */
export type Refusal = {
  decisionId: string
  /** Of the decision's, those that were not satisfied. */
  checks: Check[]
  listVersion: bigint
  policyVersion: number
}

/** What compliance would say to a movement of value. Nothing was written. */
export type Compliance = Pick<Decision, 'outcome' | 'checks' | 'listVersion' | 'policyVersion'>

/** What being on a list means: `deny` and `sanctions` refuse, `allow` is asked for by a policy. */
export type ListKind = 'deny' | 'allow' | 'sanctions'

/** A named list of the app. */
export type List = {
  id: string
  name: string
  kind: ListKind
  /** The import that replaced its entries last; null if none has. */
  importId: string | null
  /** The version of the app's lists in which it changed last. */
  changedIn: bigint
  createdAt: Date
}

/** Somebody on a list of the app. */
export type ListEntry = {
  id: string
  list: string
  kind: ListKind
  /** A checksummed address, `wallet:<id>` or `user:<id>`. */
  subject: string
  reason: string
  source: string
  /** It counts from then on; null is from the beginning. */
  validFrom: Date | null
  /** It does not count from then on; null is never. */
  validUntil: Date | null
  createdAt: Date
  removedAt: Date | null
}

/**
 * What became of a change of a list. One that makes it stricter is `done` at once; one that makes it laxer is `requested`, and done
 * when somebody else approves it.
 */
export type ListChange = { status: 'done'; entry: ListEntry } | { status: 'requested'; approval: RequestedApproval }

export type ListImportState = 'staging' | 'staged' | 'published' | 'discarded' | 'expired'

/** New contents of a list, all of them. They replace what is on it when somebody else approves their publication. */
export type ListImport = {
  id: string
  list: string
  state: ListImportState
  /** Where it comes from, such as the name of a file. */
  source: string
  stagedBy: string
  /** How many entries it has; this and the other numbers are null while it is being staged. */
  entries: number | null
  /** Rows left out because their subject came before. */
  duplicates: number | null
  /** Rows left out because they could not be read. */
  skipped: number | null
  /** What it changes, compared with the list when it was staged. An outdated one is not published. */
  added: number | null
  removed: number | null
  changed: number | null
  unchanged: number | null
  /** In hex: SHA-256 of the sorted SHA-256 hashes of its entries, see docs/lists.md. */
  hash: string | null
  createdAt: Date
  /** Unpublished, it is thrown away from then on. */
  expiresAt: Date
  publishedAt: Date | null
}

/** An entry in a preview. */
export type ListSample = Pick<ListEntry, 'subject' | 'reason' | 'source' | 'validFrom' | 'validUntil'>

/** An import, and the first hundred entries of each kind of change, by subject. Of what is changed, as it would be. */
export type ListPreview = ListImport & {
  samples: { added: ListSample[]; removed: ListSample[]; changed: ListSample[]; unchanged: ListSample[] }
}

export type PaymentState =
  | 'held'
  | 'accepted'
  | 'submitted'
  | 'settled'
  | 'failed'
  | 'attention'
  | 'cancelled'
  | 'refused'
  | 'expired'

/** One purchase of one paywall. */
export type Payment = {
  id: string
  paywallId: string
  walletId: string
  assetId: string
  chain: ChainName
  payer: Address
  recipient: Address
  /** In base units of the asset. */
  amount: bigint
  state: PaymentState
  decisionId: string
  transactionId: string
  /** Of the chain transaction that carries it, once known. */
  transactionHash: Hash | null
  blockNumber: bigint | null
  /** Why it failed, was refused or needs attention, and what compliance found, if that is why. */
  failure: { reason: string; message: string; refusal: Refusal | null } | null
  settledAt: Date | null
  createdAt: Date
  updatedAt: Date
}

/** `replayed`: it was asked for before with this idempotency key. */
export type AcceptedPayment = Payment & { replayed: boolean }

/** The exact calls by which an external wallet pays: in one transaction, on that chain. */
export type WalletCalls = {
  paymentId: string
  chain: ChainName
  from: Address
  /** `value` is in base units of the chain's own coin. */
  calls: { to: Address; data: Hex; value: bigint }[]
  /** What is sent later may be told to have failed before it is found. */
  expiresAt: Date
}

/** What a payment would meet now. Nothing was written. */
export type Quote = {
  paywallId: string
  walletId: string
  assetId: string
  chain: ChainName
  payer: Address
  recipient: Address
  /** In base units of the asset. */
  amount: bigint
  /** What the wallet holds, in base units. */
  balance: bigint
  outcome: Decision['outcome']
  checks: Check[]
  /** The versions that were asked. */
  listVersion: bigint
  policyVersion: number
  /** Whether `create` would accept it now, and the wallet can pay it. */
  payable: boolean
}

/** The right bought with a payment. */
export type Access = {
  id: string
  paywallId: string
  walletId: string
  paymentId: string
  startsAt: Date
  /** Null is for ever. */
  expiresAt: Date | null
  /** Set when the chain no longer shows the payment. */
  revokedAt: Date | null
}

/** Whether a wallet may open a paywall now, and until when. */
export type AccessCheck = {
  granted: boolean
  /** The access that grants it. */
  access: Access | null
}

/** One leaf of an object's audit trail. */
export type AuditLeaf = {
  /** The object. */
  stream: string
  /** 1, 2, 3 … without a gap. */
  sequence: bigint
  /** The canonical bytes (RFC 8785) that were hashed; they carry the hash of the leaf before. */
  body: string
  /** SHA-256 of a zero byte and `body`, in hex. */
  hash: string
}

/** A page of a list, newest first. */
export type Page<T> = {
  items: T[]
  /** Ask with it for the next page; null is the end. */
  nextCursor: string | null
}
