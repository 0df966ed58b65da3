import { TRPCDefaultErrorShape, TRPCMutationProcedure, TRPCQueryProcedure, TRPCSubscriptionProcedure, TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from "@trpc/server"
import { TRPCClient } from "@trpc/client"
export type Role = 'user' | 'merchant' | 'officer' | 'auditor' | 'operator'
export type GrantedRole = 'merchant' | 'officer' | 'auditor' | 'operator'
export type Caller = 'anyone' | Role | 'service' | 'platform'
export type Scope =
	| `${'access' | 'audit' | 'decisions' | 'events'}:read`
	| `${'account' | 'api_keys' | 'approvals' | 'apps' | 'assets' | 'eerc' | 'holds' | 'lists' | 'payments' | 'paywalls' | 'policies' | 'purchases' | 'reports'
		| 'reviews' | 'users' | 'wallets' | 'webhooks'}:${'read' | 'write'}`
export type TokenScope = `${'access' | 'account' | 'apps' | 'assets' | 'events' | 'paywalls' | 'wallets'}:read` | `payments:${'read' | 'write'}`
export type Consequence = 'deny' | 'review'
export type Party = 'payer' | 'recipient'
export type Rule =
	| { rule: 'allow-list'; list: string; parties: Party[]; otherwise: Consequence }
	| { rule: 'kyc'; parties: Party[]; level: 1 | 2 | 3; maxAgeDays: number | null; otherwise: Consequence; unanswered: Consequence }
	| { rule: 'jurisdiction'; parties: Party[]; allowed: string[] | null; blocked: string[]; otherwise: Consequence; unanswered: Consequence }
	| { rule: 'threshold'; assetId: string; above: bigint; otherwise: Consequence }
	| { rule: 'limit'; per: 'wallet' | 'app'; assetId: string; windowSeconds: number; count: number | null; sum: bigint | null; otherwise: Consequence }
	| { rule: 'velocity'; count: number; windowSeconds: number; otherwise: Consequence }
	| { rule: 'recipients'; allowed: Address[]; otherwise: Consequence }
	| { rule: 'assets'; allowed: string[]; otherwise: Consequence }
export type RuleName = Rule['rule']
export type PolicyState = 'draft' | 'published' | 'retired'
export type Policy = { id: string; version: number; state: PolicyState; rules: Rule[]; createdAt: Date; publishedAt: Date | null }
export type Review = {
	id: string
	paymentId: string
	decisionId: string
	state: 'open' | 'approved' | 'denied' | 'expired' | 'obsolete'
	requestedBy: string
	assignedTo: string | null
	decidedBy: string | null
	note: string | null
	createdAt: Date
	expiresAt: Date
	decidedAt: Date | null
}
/** By a signature of our buying wallet, or from our credits at HTTPayer. */
export type BuyingWay = 'direct' | 'httpayer'
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type BuyingTerms = {
	sellers: { host: string; payees: Address[] }[]
	assets: { assetId: string; perCall: bigint; perApp: bigint; perPrincipal: bigint }[]
	ways: BuyingWay[]
	windowSeconds: number
}
export type BuyingPolicy = BuyingTerms & Omit<Policy, 'rules'> & { approvalId: string | null }
export type BuyingPublication = { type: 'purchases.policy'; policyId: string }
/** Why something is not bought, and what would change that. */
export type BuyingCheck = { rule: 'policy' | 'way' | 'host' | 'offer' | 'asset' | 'payee' | 'call' | 'app' | 'principal' | 'maximum'; message: string; remedy: string }
/** What a call would cost now. Nothing was paid. */
export type PurchaseQuote = {
	way: BuyingWay
	/** Null: it asks for nothing, or did not say what. */
	offer:{
		assetId: string | null
		chain: ChainName
		payee: Address
		/** As in a purchase. */
		price: bigint
		fee: bigint
	} | null
	/** What stands against it. */
	checks: BuyingCheck[]
	/** Why the seller could not be asked. */
	problem: PurchaseProblem | null
	/** Whether `create` would make the call now. */
	allowed: boolean
}
export type PurchaseState = 'requested' | 'paying' | 'completed' | 'failed' | 'refused' | 'attention'
/** A stable word and a sentence. */
export type PurchaseProblem = { reason: string; message: string }
/** One call of a paid API, bought. */
export type Purchase = {
	id: string
	state: PurchaseState
	way: BuyingWay
	method: HttpMethod
	/** Without what stands behind a "?". */
	url: string
	assetId: string | null
	payee: Address | null
	/** What the seller asks, and what the payment itself costs, in base units. */
	price: bigint | null
	fee: bigint | null
	/** What was paid, or may have been. */
	spent: bigint
	/** The transaction in which the chain shows the payment. */
	transactionHash: Hash | null
	/** Why it was not bought, or has no answer. */
	problem: PurchaseProblem | null
	checks: BuyingCheck[]
	/** Who asked for it, such as `key:…`. */
	requestedBy: string
	createdAt: Date
	updatedAt: Date
}
/** What the API answered, up to 256 kB; what is no text in base64. */
export type PurchaseAnswer = { status: number; headers: Record<string, string>; body: string; encoding: 'utf8' | 'base64'; truncated: boolean }
/** A purchase with its answer: null where there is none, or none any more. */
export type BoughtPurchase = Purchase & { answer: PurchaseAnswer | null }
/** `replayed`: it was asked for before with this idempotency key. */
export type CreatedPurchase = BoughtPurchase & { replayed: boolean }
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
export type ApiKey = {
	id: string
	appId: string | null
	name: string
	prefix: string
	scopes: Scope[] | null
	createdAt: Date
	lastUsedAt: Date | null
	expiresAt: Date | null
	revokedAt: Date | null
}
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
export type Session = { id: string; address: Address; createdAt: Date; lastSeenAt: Date; expiresAt: Date; revokedAt: Date | null; current: boolean }
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
export type Token = { token: string; scopes: TokenScope[]; expiresAt: Date }
export type ApprovalState = 'requested' | 'approved' | 'rejected' | 'expired'
export type Approval = {
	id: string
	action: RoleChange | PolicyPublication | BuyingPublication | ListAddition | ListRemoval | ListPublication | HoldRelease | OperationRelease
	reason: string
	state: ApprovalState
	requestedBy: string
	decidedBy: string | null
	note: string | null
	createdAt: Date
	expiresAt: Date
	decidedAt: Date | null
}
export type RequestedApproval = Approval & { replayed: boolean }
export type RoleChange = { type: 'role.grant' | 'role.revoke'; userId: string; role: GrantedRole }
export type PolicyPublication = { type: 'policy.publish'; policyId: string }
export type HoldRelease = { type: 'hold.release'; holdId: string }
export type ListAddition = { type: 'list.add'; list: string; subject: string; reason: string; source: string; validFrom: string | null; validUntil: string | null }
export type ListRemoval = { type: 'list.remove'; list: string; entryId: string; subject: string }
export type ListPublication = { type: 'list.publish'; list: string; importId: string; added: number; removed: number; changed: number; unchanged: number; hash: string }
export type OperationRelease = {
	type: 'eerc.operate' | 'eerc.transfer'
	operationId: string
	transactionId: string
	tokenId: string
	operation: string
	fields: Record<string, unknown>
}
/** A token on a chain. */
export type Asset = { id: string; chain: ChainName; address: Address; symbol: string; decimals: number }
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
export type Decision = {
	id: string
	action: string
	outcome: 'allow' | 'deny' | 'review'
	subject: Record<string, string>
	checks: Check[]
	listVersion: bigint
	policyVersion: number
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
export type ListKind = 'deny' | 'allow' | 'sanctions'
export type List = { id: string; name: string; kind: ListKind; importId: string | null; changedIn: bigint; createdAt: Date }
export type ListEntry = {
	id: string
	list: string
	kind: ListKind
	subject: string
	reason: string
	source: string
	validFrom: Date | null
	validUntil: Date | null
	createdAt: Date
	removedAt: Date | null
}
export type ListChange = { status: 'done'; entry: ListEntry } | { status: 'requested'; approval: RequestedApproval }
export type ListImportState = 'staging' | 'staged' | 'published' | 'discarded' | 'expired'
export type ListImport = {
	id: string
	list: string
	state: ListImportState
	source: string
	stagedBy: string
	entries: number | null
	duplicates: number | null
	skipped: number | null
	added: number | null
	removed: number | null
	changed: number | null
	unchanged: number | null
	hash: string | null
	createdAt: Date
	expiresAt: Date
	publishedAt: Date | null
}
export type ListSample = Pick<ListEntry, 'subject' | 'reason' | 'source' | 'validFrom' | 'validUntil'>
export type ListPreview = ListImport & { samples: { added: ListSample[]; removed: ListSample[]; changed: ListSample[]; unchanged: ListSample[] } }
export type PaymentState = 'held' | 'accepted' | 'submitted' | 'settled' | 'failed' | 'attention' | 'cancelled' | 'refused' | 'expired'
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
export type AuditLeaf = { stream: string; sequence: bigint; body: string; hash: string }
/** A page of a list, newest first. */
export type Page<T> = {
	items: T[]
	/** Ask with it for the next page; null is the end. */
	nextCursor: string | null
}
export type AuditRecord = AuditLeaf & { objectType: string; action: string; actor: string; at: Date }
export type Checkpoint = { v: 1; number: number; size: number; root: string; previous: string; sealedAt: string; key: string; signature: string }
export type AuditProof = { leaf: AuditLeaf; seal: { index: number; path: string[]; checkpoint: Checkpoint } | null }
export type AuditConsistency = { from: Checkpoint; to: Checkpoint; path: string[] }
export type TokenStandard = 'erc-7943' | 'erc-7943-draft' | 'erc-3643' | 'erc-1404' | 'can-transfer'
export type OperationType = 'transfer' | 'mint' | 'burn' | 'freeze' | 'forced-transfer' | 'pause' | 'unpause' | 'allow' | 'disallow'
export type EercToken = {
	id: string
	assetId: string
	chain: ChainName
	address: Address
	kind: 'permissioned' | 'encrypted'
	standard: TokenStandard | null
	symbol: string
	decimals: number
	agentWalletId: string | null
	capabilities: Record<string, boolean>
	roles: Record<string, 'held' | 'lacking' | 'unknown'>
	createdAt: Date
}
export type RegisteredToken = EercToken & { replayed: boolean }
export type TokenAction = { type: 'transfer'; from: Address; to: Address; amount: bigint } | IssuerAction
export type IssuerAction =
	| { type: 'mint'; to: Address; amount: bigint }
	| { type: 'burn'; from: Address; amount: bigint }
	| { type: 'freeze'; holder: Address; frozen: bigint }
	| { type: 'forced-transfer'; from: Address; to: Address; amount: bigint }
	| { type: 'pause' }
	| { type: 'unpause' }
	| { type: 'allow'; holder: Address; identity?: { contract: Address; country: number } }
	| { type: 'disallow'; holder: Address }
export type EercOperation = {
	id: string
	tokenId: string
	walletId: string
	action: TokenAction
	state: PaymentState
	requestedBy: string
	reason: string | null
	approvalId: string | null
	decisionId: string
} & Pick<Payment, 'transactionId' | 'transactionHash' | 'blockNumber' | 'failure' | 'settledAt' | 'createdAt' | 'updatedAt'>
export type AcceptedOperation = EercOperation & { replayed: boolean }
export type EercPreflight = Compliance & { block: bigint; needsApproval: boolean }
export type ReportKind = 'decisions' | 'refusals' | 'reviews' | 'list-changes' | 'privileged-actions' | 'payments-by-jurisdiction'
export type ReportState = 'requested' | 'ready' | 'failed' | 'expired'
export type ReportFile = { name: string; bytes: number; sha256: string; rows: number | null }
export type Report = {
	id: string
	kinds: ReportKind[]
	from: Date
	to: Date
	schedule: string | null
	state: ReportState
	requestedBy: string
	failure: string | null
	policyVersions: number[] | null
	files: ReportFile[]
	createdAt: Date
	finishedAt: Date | null
}
export type RequestedReport = Report & { replayed: boolean }
export type ReportText = { name: string; mediaType: string; part: number; parts: number; text: string }
export type HeldObject = 'app' | 'user' | 'wallet' | 'payment' | 'report'
export type Hold = { id: string; objectType: HeldObject; objectId: string; reason: string; placedBy: string; createdAt: Date; releasedAt: Date | null }
export type PlacedHold = Hold & { replayed: boolean }
/** What JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
/** As JSON has it: amounts and block numbers in decimal, times in ISO 8601. */
export type InJson<T> = T extends bigint | Date ? string : T extends object ? { [Name in keyof T]: InJson<T[Name]> } : T
/** Something that happened to one kind of object, and what is said of it. */
type Told<Type extends string, Data, Object = Type extends `${infer Kind}.${string}` ? Kind : never> = {
	/** The same however often the event is told. */
	id: string
	/** Its place in the feed of the app: 1, 2, 3 … */
	position: bigint
	appId: string
	type: Type
	/** Of the shape of `data`: a later one may have more. */
	version: number
	objectType: Object
	objectId: string
	/** Its number among those of its object: 1, 2, 3 … */
	sequence: bigint
	createdAt: Date
	data: Data
}
export type ServiceEvent =
	| Told<`app.${'created' | 'updated'}`, { name: string; origins: string[] }>
	| Told<'api_key.created', { name: string; prefix: string; scopes: string[] | null; expiresAt: string | null }>
	| Told<'api_key.rotated', { prefix: string; replacement: string; expiresAt: string }>
	| Told<'api_key.revoked', { prefix: string }>
	| Told<'user.created', { address: Address; roles: string[] }>
	| Told<'user.roles_changed', { approval: string; change: 'granted' | 'revoked'; role: string; roles: string[] }>
	| Told<'session.created', { address: Address; expiresAt: string; user: string }>
	| Told<'session.revoked', { user: string }>
	| Told<'approval.requested', { action: Approval['action']; expiresAt: string; reason: string }>
	| Told<`approval.${'approved' | 'rejected'}`, { action: Approval['action']; note: string | null; requestedBy: string }>
	| Told<'approval.expired', { action: Approval['action']; requestedBy: string }>
	| Told<'asset.registered', { chain: ChainName; address: Address; symbol: string; decimals: number }>
	| Told<'wallet.created', { address: Address; kind: 'custodial' | 'external' | 'treasury'; owner: string; provider: string; user: string | null; chain?: string }>
	| Told<'wallet.linked', { address: Address; user: string }>
	| Told<`paywall.${'created' | 'updated' | 'archived'}`, {
		accessSeconds: number | null
		asset: string
		expiresAt: string | null
		merchant: string | null
		price: string
		recipient: Address
		state: 'open' | 'archived'
		title: string
	}>
	| Told<'list.created', { kind: ListKind; listVersion: string; name: string }>
	| Told<'list.import_staged', ImportFacts & { duplicates: number; entries: number; skipped: number; import: string }>
	| Told<`list.import_${'discarded' | 'expired'}`, { approval?: string; import: string; name: string }>
	| Told<'list.published', ImportFacts & { approval: string; entries: number | null; import: string; kind: ListKind; listVersion: string }>
	| Told<'list_entry.added', {
		approval?: string
		kind: ListKind
		list: string
		listVersion: string
		reason: string
		source: string
		subject: string
		validFrom: string | null
		validUntil: string | null
	}>
	| Told<'list_entry.removed', { list: string; listVersion: string; subject: string; reason?: string; approval?: string; replacedBy?: string }>
	| Told<'decision.refused', {
		action: string
		checks: Check[]
		listVersion: string
		policyVersion: number
		payer: Address
		recipient: Address
		asset: string
		amount: string
		wallet: string
		[about: string]: Json
	}>
	| Told<'policy.drafted', { rules: { rule: string; [setting: string]: Json }[]; version: number }>
	| Told<`policy.${'published' | 'retired'}`, { approval: string; rulesVersion: string; version: number }>
	| Told<'buying_policy.drafted', { terms: Json; version: number }>
	| Told<`buying_policy.${'published' | 'retired'}`, { approval: string | null; version: number }>
	| Told<`purchase.${PurchaseState}`, {
		asset: string | null
		fee: string | null
		method: HttpMethod
		payee: Address | null
		price: string | null
		problem: PurchaseProblem | null
		spent: string
		transactionHash: string | null
		url: string
		way: BuyingWay
	}>
	| Told<'review.opened', ReviewFacts & { expiresAt: string }>
	| Told<'review.assigned', { assignedTo: string | null; note: string | null; payment: string }>
	| Told<`review.${'approved' | 'denied' | 'expired'}`, ReviewFacts & { note: string | null }>
	| Told<'review.obsolete', ReviewFacts & { because: 'cancelled' | 'refused' }>
	| Told<'report.requested', { from: string; kinds: ReportKind[]; schedule: string | null; to: string }>
	| Told<'report.finished', { files: Record<string, string>; key: string; signature: string }>
	| Told<'report.failed', { failure: string }>
	| Told<'report.expired', { before: string }>
	| Told<'hold.placed', { objectId: string; objectType: HeldObject; reason: string }>
	| Told<'hold.released', { approval: string; objectId: string; objectType: HeldObject }>
	| Told<`endpoint.${'created' | 'updated'}`, { url: string; types: string[]; description: string }>
	| Told<`endpoint.${'enabled' | 'deleted'}`, { url: string }>
	| Told<'endpoint.disabled', { because: 'asked' | 'failing' | 'gone'; failingSince: string | null; url: string }>
	| Told<'endpoint.secret_rotated', { number: number; previousUntil: string }>
	| Told<'endpoint.pinged', { request: string }>
	| Told<'endpoint.resent', {
		request: string
		resent: number
		delivery: string | null
		object: string | null
		from: string | null
		to: string | null
		state: 'delivered' | 'failed' | null
	}>
	| Told<'inbox_webhook.retried', { source: string; event: string; state: 'dead' | 'rejected'; attempts: number; lastError: string | null }>
	| Told<'token.registered', {
		address: Address
		agent: string | null
		asset: string
		capabilities: Record<string, boolean>
		chain: ChainName
		kind: 'permissioned' | 'encrypted'
		roles: Record<string, 'held' | 'lacking' | 'unknown'>
		standard: TokenStandard | null
	}>
	| Told<`payment.${PaymentState}` | `transaction.${'submitted' | 'dismissed'}`, InJson<Payment>, 'payment'>
	| Told<`operation.${PaymentState}` | 'transaction.submitted', InJson<EercOperation>, 'operation'>
type ReviewFacts = { decision: string; payment: string; requestedBy: string }
type ImportFacts = { added: number; removed: number; changed: number; unchanged: number; hash: string; name: string; source: string }
/** What can happen, and the actions of the audit trail. */
export type EventType = ServiceEvent['type']
/** The kinds of object that have a trail. */
export type ObjectType = ServiceEvent['objectType']
/** A part of the feed. Ask again with `nextCursor`, at any time, to go on where this ended. */
export type EventPage = {
	/** None is no sign of the end. */
	items: ServiceEvent[]
	/** A position, in decimal. */
	nextCursor: string
	/** Whether there is more behind it already. */
	hasMore: boolean
}
export type EndpointState = 'enabled' | 'disabled' | 'deleted'
export type Endpoint = {
	id: string
	appId: string | null
	url: string
	types: string[]
	description: string
	state: EndpointState
	disabledBecause: 'asked' | 'failing' | 'gone' | null
	disabledAt: Date | null
	failingSince: Date | null
	createdAt: Date
}
export type EndpointWithSecret = Endpoint & { secret: string | null; replayed: boolean }
export type DeliveryState = 'waiting' | 'delivered' | 'failed'
export type Delivery = {
	id: string
	endpointId: string
	appId: string
	eventId: string
	type: EventType
	state: DeliveryState
	attempts: number
	nextAttemptAt: Date | null
	status: number | null
	failure: string | null
	createdAt: Date
	endedAt: Date | null
}
export type DeliveryAttempt = { number: number; url: string; startedAt: Date; milliseconds: number; status: number | null; failure: string | null; response: string | null }
export type DeliveryLog = Delivery & { body: string; log: DeliveryAttempt[] }
export type ErrorCode ='INVALID_INPUT' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'SIGN_IN_FAILED' | 'ORIGIN_NOT_ALLOWED' | 'NEEDS_ANOTHER_PERSON' | 'REFUSED_BY_COMPLIANCE'
	| 'PURCHASE_REFUSED' | 'INSUFFICIENT_BALANCE' | 'NOT_FOUND' | 'NO_SUCH_PROCEDURE' | 'PAYWALL_CLOSED' | 'NOT_CANCELLABLE' | 'NOT_SIGNABLE'
	| 'ALREADY_PAID' | 'REVIEW_CLOSED' | 'REPORT_NOT_READY' | 'APPROVAL_CLOSED' | 'REQUEST_VOID' | 'NOTHING_TO_CHANGE' | 'LAST_OPERATOR' | 'API_KEY_ENDED'
	| 'ENDPOINT_DELETED' | 'TOO_MANY_ENDPOINTS' | 'LIST_EXISTS' | 'ALREADY_REGISTERED' | 'ALREADY_LISTED' | 'IMPORT_CLOSED' | 'IMPORT_OUTDATED'
	| 'WALLET_TAKEN' | 'PURCHASE_UNDER_WAY' | 'CONFLICT' | 'TOO_LARGE' | 'UNSUPPORTED_MEDIA_TYPE' | 'IDEMPOTENCY_MISMATCH' | 'CHAIN_NOT_SUPPORTED'
	| 'NOT_A_TOKEN' | 'OPERATION_NOT_SUPPORTED_BY_TOKEN' | 'PROVIDER_REFUSED' | 'RATE_LIMITED' | 'INTERNAL' | 'PROVIDER_UNAVAILABLE' | 'CHAIN_UNAVAILABLE'
	| 'DATABASE_UNAVAILABLE'
/** One field of the input and what is wrong with it. */
export type Issue = { path: string[]; message: string }
type ErrorShape = {
	message: string
	code: number
	data: {
		code: ErrorCode
		httpStatus: number
		retryable: boolean
		requestId: string
		path: string | null
		issues: Issue[] | null
		details: Record<string, unknown> | null
	}
}
export type CountedEntry = ListEntry & { import: { id: string; hash: string } | null }
export type ExplainedCheck = Check & { asked: Rule | null; entries: CountedEntry[]; repeated: boolean | null }
export type Explanation = {
	decision: Decision
	asset: Asset
	paymentId: string | null
	operationId: string | null
	policy: Policy | null
	checks: ExplainedCheck[]
	decidedBy: number
	repeated: 'same' | 'in_part' | 'different'
	commitment: { bytes: string; holds: boolean } | null
	audit: (AuditProof & { agrees: boolean }) | null
	text: string
}
export type InboxState = 'received' | 'processed' | 'rejected' | 'dead'
export type InboxWebhook = {
	id: string
	source: string
	eventId: string
	type: string | null
	state: InboxState
	result: string | null
	lastError: string | null
	attempts: number
	conflicts: number
	receivedAt: Date
	processedAt: Date | null
	nextAttemptAt: Date | null
}
export type InboxWebhookBody = InboxWebhook & { bytes: number; body: string; encoding: 'utf8' | 'base64' }
declare const access: {
	/** Whether a wallet may open a paywall now, and until when. */
	check: Query<{ paywallId: string; walletId: string }, AccessCheck>
	/** Lists what was bought, newest first. */
	list: Paged<Access, { walletId?: string; paywallId?: string }>
}
declare const apiKeys: {
	/** Makes a key for an app's servers. */
	create: Keyed<{ appId?: string; name: string; scopes?: Scope[] | null; expiresAt?: Date | null }, NewApiKey>
	/** Replaces a key by a new one. */
	rotate: Keyed<{ keyId: string; overlapSeconds?: number }, NewApiKey>
	/** Ends a key at once. */
	revoke: Mutation<{ keyId: string }, ApiKey>
	/** Lists the keys of an app. */
	list: Paged<ApiKey, { appId?: string }>
}
declare const approvals: {
	/** Returns one approval by its id. */
	get: Query<{ approvalId: string }, Approval>
	/** Lists the approvals of an app. */
	list: Paged<Approval, { appId?: string; state?: ApprovalState }>
	/** Approves what somebody else asked for within the last 24 hours. */
	approve: Mutation<{ approvalId: string; note?: string | null }, Approval>
	/** Refuses what somebody else asked for. */
	reject: Mutation<{ approvalId: string; note: string }, Approval>
}
declare const apps: {
	/** Registers a client application, the tenant to which everything belongs. */
	create: Keyed<{ name: string; origins?: string[]; operators?: string[] }, App & { replayed: boolean }>
	/** Changes an app's name, or the pages that may use it from a browser. */
	update: Mutation<{ appId?: string; name?: string; origins?: string[] }, App>
	/** The app you belong to. */
	mine: Query<void, App>
}
declare const assets: {
	/** Makes a token on a configured chain payable. */
	register: Mutation<{ chainId: number; address: string }, Asset>
	/** Lists the tokens that can be paid with. */
	list: Paged<Asset>
}
declare const audit: {
	/** Reads the audit trail of one object. */
	trail: Paged<AuditLeaf, { objectId: string }>
	/** Finds records of the app by object, actor, action and time. */
	search: Paged<AuditRecord, { objectId?: string; actor?: string; action?: string; from?: Date; to?: Date }>
	/** Proves that one record is in the log. */
	proof: Query<{ objectId: string; sequence: bigint }, AuditProof>
	/** Proves that the log of one checkpoint is what that of a later one began as. */
	consistency: Query<{ from: number; to?: number }, AuditConsistency>
}
declare const auth: {
	/** Asks for the message with which a wallet's owner signs in. It is good for five minutes and one answer, from the same page. */
	challenge: Mutation<{ appId: string; address: string; chainId: number }, Challenge>
	/** Signs in with the signature of a challenge's message: plain keys and contract wallets. The browser gets a session cookie. */
	verify: Mutation<{ nonce: string; signature: string }, SignedIn>
	/** Who you are here: a user with roles, or an API key. */
	me: Query<void, Me>
	/** Ends this session at once, with the tokens made from it; or, `everywhere`, every session of yours. */
	signOut: Mutation<{ everywhere?: boolean } | undefined, { ended: number }>
	/** Lists your sessions, newest first. */
	sessions: Paged<Session>
	/** Ends one of your sessions at once. */
	revokeSession: Mutation<{ sessionId: string }, Session>
	/** Makes a bearer token of ten minutes for a mini-app on another site, good for the scopes you name and no more. */
	token: Mutation<{ scopes: TokenScope[] }, Token>
}
declare const compliance: {
	/** Tells what compliance would say to a movement of value now, with every check and what would satisfy it. Changes nothing. */
	check: Query<{ walletId: string; recipient: string; assetId: string; amount: bigint }, Compliance>
}
declare const decisions: {
	/** Returns a compliance decision with every check that led to it. */
	get: Query<{ decisionId: string }, Decision>
	/** Explains a decision with all that it was made on. */
	explain: Query<{ decisionId: string }, Explanation>
	/** Lists compliance decisions. */
	list: Paged<Decision, { outcome?: "allow" | "deny" | "review" }>
}
declare const deliveries: {
	/** Lists what went and is to go to an endpoint, or what was told of an object. */
	list: Paged<Delivery, { endpointId?: string; state?: DeliveryState; objectId?: string }>
	/** A delivery with what is sent. */
	get: Query<{ deliveryId: string }, DeliveryLog>
	/** Sends again, under the same id and with the same body. */
	resend: Keyed<{ deliveryId?: string; objectId?: string; endpointId?: string; from?: Date; to?: Date; state?: "delivered" | "failed" }, { resent: number }>
}
declare const eerc: {
	/** Tells what an operation would meet now. */
	preflight: Query<{ tokenId: string; walletId?: string; action: { to: string; amount: bigint; type: "transfer" } | Given<IssuerAction> }, EercPreflight>
	/** Moves tokens from one of the caller's wallets. */
	transfer: Keyed<{ to: string; amount: bigint; tokenId: string; walletId: string }, AcceptedOperation>
	/** Makes new tokens in a holder's account. */
	mint: Operated<{ to: string; amount: bigint }>
	/** Destroys tokens in a holder's account. */
	burn: Operated<{ from: string; amount: bigint }>
	/** Freezes so much of a holder's balance. */
	freeze: Operated<{ holder: string; frozen: bigint }>
	/** Unfreezes all of a holder's balance. */
	unfreeze: Operated<{ holder: string }>
	/** Moves a holder's tokens without their leave. */
	forcedTransfer: Operated<{ from: string; to: string; amount: bigint }>
	/** Stops all transfers. */
	pause: Operated
	/** Lets transfers go on. */
	unpause: Operated
	/** Lets somebody hold the token. */
	allow: Operated<{ holder: string; identity?: { contract: string; country: number } }>
	/** Lets somebody no longer hold the token. */
	disallow: Operated<{ holder: string }>
	/** Returns one operation by its id. */
	get: Query<{ operationId: string }, EercOperation>
	/** Lists the operations on tokens that the caller may see. */
	list: Paged<EercOperation, { tokenId?: string; walletId?: string; type?: OperationType; state?: PaymentState }>
	/** Takes an operation back that was not handed over yet. */
	cancel: Mutation<{ operationId: string }, EercOperation>
}
declare const endpoints: {
	/** Makes an endpoint. */
	create: Keyed<{ appId?: string; url: string; types?: string[]; description?: string }, EndpointWithSecret>
	/** Changes where an endpoint is, what it is told of and what it is for. */
	update: Mutation<{ endpointId: string; url?: string; types?: string[]; description?: string }, Endpoint>
	/** Tells a disabled endpoint of everything that it has missed. */
	enable: Mutation<{ endpointId: string }, Endpoint>
	/** Tells an endpoint of nothing until it is enabled again. */
	disable: Mutation<{ endpointId: string }, Endpoint>
	/** Ends an endpoint and its secrets for good. */
	delete: Mutation<{ endpointId: string }, Endpoint>
	/** Gives an endpoint a new secret. */
	rotateSecret: Keyed<{ endpointId: string }, EndpointWithSecret>
	/** Sends an endpoint the event `endpoint.pinged`. */
	ping: Keyed<{ endpointId: string }, { eventId: string }>
	/** An endpoint. */
	get: Query<{ endpointId: string }, Endpoint>
	/** Lists the endpoints of an app, or the platform's. */
	list: Paged<Endpoint, { appId?: string }>
}
declare const events$1: {
	/** Returns one event by its id. */
	get: Query<{ eventId: string }, ServiceEvent>
	/** Lists what happened in the app, in the order of its feed. Whoever asks again with `nextCursor` misses nothing. */
	list: Query<{
		types?: string[]
		objectType?: ObjectType
		objectId?: string
		from?: Date
		to?: Date
		order?: "newest" | "oldest"
		cursor?: string | null
		limit?: number
	}, EventPage>
	/**
	 * Tells what happens as it happens, in the order of the feed and each event once: all behind `lastEventId`, the position of the last
	 * event seen; without it, from now on.
	 */
	on: TRPCSubscriptionProcedure<{
		input: { lastEventId?: string; types?: string[]; objectId?: string } | undefined
		output: AsyncIterable<import("@trpc/server/unstable-core-do-not-import").TrackedData<ServiceEvent>, void, any>
		meta: object
		errorShape: TRPCDefaultErrorShape
	}>
}
declare const holds: {
	/** Places a legal hold. */
	place: Keyed<{ objectType: HeldObject; objectId: string; reason: string }, PlacedHold>
	/** Asks that a hold end. */
	release: Keyed<{ holdId: string; reason: string }, RequestedApproval>
	/** Lists holds. */
	list: Paged<Hold, { standing?: boolean }>
}
declare const inbox: {
	/** Lists webhooks that came in. */
	list: Paged<InboxWebhook, { source?: string; state?: InboxState; type?: string; from?: Date; to?: Date }>
	/** Reads one with its body. */
	get: Query<{ webhookId: string }, InboxWebhookBody>
	/** Has one that is dead or rejected looked into again. */
	retry: Mutation<{ webhookId: string }, InboxWebhook>
}
declare const lists: {
	/** Makes an empty list. */
	create: Mutation<{ name: string; kind: ListKind }, List>
	/** Lists the lists of the app. */
	list: Paged<List>
	/** Puts somebody on a list. */
	add: Mutation<{
		validFrom?: Date | null
		validUntil?: Date | null
		list: string
		address?: string
		walletId?: string
		userId?: string
		reason: string
		source?: string
		idempotencyKey?: string
	}, ListChange>
	/** Takes an entry off its list. */
	remove: Mutation<{ entryId: string; reason: string; idempotencyKey?: string }, ListChange>
	/** Lists entries. */
	entries: Paged<ListEntry, { list?: string; subject?: string; removed?: boolean }>
	/** Lists who was on a list at a time, by subject. */
	at: Paged<ListEntry, { list: string; at: Date; subject?: string }>
	/** Stages up to 500 entries as everything that is to be on a list. */
	import: Keyed<{
		list: string
		source?: string
		entries: { validFrom?: Date | null; validUntil?: Date | null; subject: string; reason: string; source?: string }[]
	}, ListPreview & { replayed: boolean }>
	/** Lists imports. */
	imports: Paged<ListImport, { list?: string; state?: ListImportState }>
	/** Returns an import with the first entries that it adds, removes, changes and leaves. */
	preview: Query<{ importId: string }, ListPreview>
	/** Asks that a staged import replace what is on its list. */
	publish: Keyed<{ importId: string; reason: string }, RequestedApproval>
	/** Takes a staged import back. */
	discard: Mutation<{ importId: string }, ListImport>
}
declare const payments: {
	/** Tells what `create` would answer now, with the same compliance checks. Changes nothing. */
	quote: Query<{ paywallId: string; walletId: string }, Quote>
	/**
	 * Pays a paywall from a custodial wallet, or accepts its payment from a wallet of the caller's own, which they sign: see `calls`.
	 * Answered means: it will settle once, or you will be told why not.
	 */
	create: Keyed<{ paywallId: string; walletId: string }, AcceptedPayment>
	/** Returns one payment by its id. */
	get: Query<{ paymentId: string }, Payment>
	/** Lists the app's payments, newest first. */
	list: Paged<Payment, { walletId?: string; paywallId?: string; state?: PaymentState }>
	/** Hands out the calls that pay, to be signed in the payer's own wallet. Asked again, it answers the same, as long as the chain shows no payment by them. */
	calls: Mutation<{ paymentId: string }, WalletCalls>
	/** Takes the hash of the chain transaction that the payer's own wallet has sent. Only its logs settle the payment. */
	submitted: Mutation<{ paymentId: string; hash: string }, Payment>
	/** Takes a payment back of which nothing was handed to a wallet yet. */
	cancel: Mutation<{ paymentId: string }, Payment>
}
declare const paywalls: {
	/** Opens a paywall: a resource with a price, an asset, a recipient and an access period. */
	create: Keyed<{ title: string; assetId: string; price: bigint; recipient: string; accessSeconds?: number | null; expiresAt?: Date | null }, Paywall & { replayed: boolean }>
	/** Changes an open paywall. Payments accepted before keep what they were accepted for. */
	update: Mutation<{ paywallId: string; title?: string; price?: bigint; recipient?: string; accessSeconds?: number | null; expiresAt?: Date | null }, Paywall>
	/** Closes a paywall for good: no further payment is accepted. Access bought before stays. */
	archive: Mutation<{ paywallId: string }, Paywall>
	/** Returns one paywall by its id. */
	get: Query<{ paywallId: string }, Paywall>
	/** Lists the app's paywalls, newest first. */
	list: Paged<Paywall, { state?: "archived" | "open" }>
}
declare const policies: {
	/** Writes the next version of the app's policy, as a draft. */
	draft: Keyed<{ rules: Given<Rule>[] }, Policy & { replayed: boolean }>
	/** Asks that a draft be put in force. */
	publish: Keyed<{ policyId: string; reason: string }, RequestedApproval>
	/** Returns one version of the policy by its id. */
	get: Query<{ policyId: string }, Policy>
	/** Lists the versions of the policy. */
	list: Paged<Policy, { state?: PolicyState }>
}
declare const purchases: {
	/** Tells what a call of a paid API costs now. */
	quote: Mutation<{ url: string; method?: HttpMethod; headers?: Record<string, string>; body?: string | null; way?: BuyingWay; maxPrice?: bigint }, PurchaseQuote>
	/** Calls a paid API and pays for it. */
	create: Keyed<{ url: string; method?: HttpMethod; headers?: Record<string, string>; body?: string | null; way?: BuyingWay; maxPrice: bigint }, CreatedPurchase>
	/** Returns one purchase by its id. */
	get: Query<{ purchaseId: string }, BoughtPurchase>
	/** Lists the app's purchases. */
	list: Paged<Purchase, { state?: PurchaseState }>
	/** Sets what the app may buy. */
	setPolicy: Keyed<{ terms: Given<BuyingTerms>; reason: string }, BuyingPolicy & { replayed: boolean }>
	/** Lists the versions of what the app may buy. */
	policies: Paged<BuyingPolicy, { state?: PolicyState }>
}
declare const reports: {
	/** Asks for a report of what happened from one moment to before another. */
	create: Keyed<{ kinds?: ReportKind[]; from: Date; to: Date }, RequestedReport>
	/** Returns one report by its id. */
	get: Query<{ reportId: string }, Report>
	/** Lists reports. */
	list: Paged<Report, { state?: ReportState }>
	/** Returns a part of a file of a report, as text. */
	file: Query<{ reportId: string; name: string; part?: number }, ReportText>
}
declare const reviews: {
	/** Returns one review by its id. */
	get: Query<{ reviewId: string }, Review>
	/** Lists reviews. */
	list: Paged<Review, { state?: "approved" | "denied" | "expired" | "obsolete" | "open"; mine?: boolean }>
	/** Takes a review on yourself. */
	assign: Mutation<{ reviewId: string; take?: boolean; note?: string }, Review>
	/** Decides on a held payment. */
	decide: Mutation<{ reviewId: string; verdict: "approved" | "denied"; note: string }, Review>
}
declare const tokens: {
	/** Registers a permissioned or encrypted token as what its contract shows it to be. */
	register: Keyed<{ chainId: number; address: string; standard?: TokenStandard | null; agent?: string | null }, RegisteredToken>
	/** Returns one token by its id. */
	get: Query<{ tokenId: string }, EercToken>
	/** Lists the tokens that the app has registered. */
	list: Paged<EercToken>
}
declare const users: {
	/** Lists the people of an app. */
	list: Paged<User, { appId?: string; address?: string; role?: GrantedRole }>
	/** Returns one person of an app by their id. */
	get: Query<{ appId?: string; userId: string }, User>
	/** Ends every session of a person at once. */
	signOut: Mutation<{ appId?: string; userId: string }, { ended: number }>
	/** Asks that a person get a role. */
	grantRole: Keyed<{ appId?: string; userId: string; role: GrantedRole; reason: string }, RequestedApproval>
	/** Asks that a person lose a role. */
	revokeRole: Keyed<{ appId?: string; userId: string; role: GrantedRole; reason: string }, RequestedApproval>
}
declare const wallets: {
	/** Makes the custodial wallet of an owner, or returns the one there is. `owner` is your own reference to a person. */
	create: Mutation<{ owner: string }, Wallet>
	/** Makes your own custodial wallet, or returns the one there is. */
	open: Mutation<void, Wallet>
	/** Makes a custodial wallet that you created a user's: they may pay from it when they sign in. */
	link: Mutation<{ walletId: string; userId: string }, Wallet>
	/** Asks for the message with which you prove that a further wallet is yours. */
	challenge: Mutation<{ address: string; chainId: number }, Challenge>
	/** Adds a wallet of your own with the signature of its challenge's message. You may sign in with it from then on. */
	prove: Mutation<{ nonce: string; signature: string }, Wallet>
	/** Returns one wallet by its id. */
	get: Query<{ walletId: string }, Wallet>
	/** Lists the app's wallets, newest first. */
	list: Paged<Wallet, { owner?: string }>
	/** What a wallet holds of every registered asset, read from the chain now. */
	balances: Query<{ walletId: string }, Balance[]>
}
declare namespace procedures {
	export { access, apiKeys, approvals, apps, assets, audit, auth, compliance, decisions, deliveries, eerc, endpoints, events$1 as events, holds, inbox, lists, payments, paywalls, policies, purchases, reports, reviews, tokens, users, wallets }
}
/** The router as its clients see it: every procedure, and nothing of the server's context. */
export type AppRouter = TRPCBuiltRouter<{ ctx: object; meta: object; errorShape: ErrorShape; transformer: true }, TRPCDecorateCreateRouterOptions<typeof procedures>>
/** A procedure that lists page by page. */
interface Listing<Input, Item> { query(input: Input, options?: { signal?: AbortSignal }): Promise<PageOf<Item>> }
interface PageOf<Item> {
	items: Item[]
	nextCursor: string | null
	/** Where the cursor goes on for ever: whether there is more now. */
	hasMore?: boolean
}
/**
 * Everything that a list has, one by one; pages are asked for as they are needed.
 *
 * @throws ProviderServiceError; the reason of `signal`
 *
 * @example
 * for await (const payment of all(client.payments.list, { state: 'settled' })) console.log(payment.amount)
 */
export declare function all<Input extends { cursor?: string | null }, Item>(list: Listing<Input, Item>, ...[input, { signal }]: Partial<Input> extends Input ? [input?: Input, options?: { signal?: AbortSignal }] : [input: Input, options?: { signal?: AbortSignal }]): AsyncGenerator<Item, void>
/** Every procedure of the service, typed. */
export type Client = TRPCClient<AppRouter>
export interface ClientOptions {
	/** Where the service is, such as `https://provider.example.com`. */
	url: string
	/** A key of your app: `psk_…`. It belongs on a server, never in a browser. */
	apiKey?: string
	/** Gives a token made with `auth.token`, for pages of other sites: at each call, so keep it; and anew for one that was refused. */
	token?: (refused?: string) => string | Promise<string>
	/** Milliseconds until a try without an answer is given up, 30 000 by default; what it asked for may have happened. */
	timeout?: number
	/** How often a call is repeated that is safe to repeat; 2 by default. */
	retries?: number
	/** Sends requests in place of the global `fetch`. */
	fetch?: typeof fetch
}
/**
 * Connects to the service at the first call. Calls are made in the name of the API key or token or, without either, of whoever signed in
 * in this browser (see `signIn`).
 *
 * Queries, and mutations with an `idempotencyKey`, are repeated when their answer is lost or they may succeed later; no other mutation
 * is sent twice. What fails throws a `ProviderServiceError`; an aborted call, the reason of its signal.
 *
 * @example
 * const client = createClient({ url: 'https://provider.example.com', apiKey: process.env.PROVIDER_API_KEY })
 * const { name } = await client.apps.mine.query()
 */
export declare function createClient({ url, apiKey, token, timeout, retries, fetch: send }: ClientOptions): Client
export interface BuyOptions {
	url: string
	method?: HttpMethod
	headers?: Record<string, string>
	body?: string | null
	/** By default the first that the app's terms allow. */
	way?: BuyingWay
	/** The most that it may cost with everything, in base units of the asset. */
	maxPrice: bigint
	/** One per intention to buy, kept across retries. Made here if you give none. */
	idempotencyKey?: string
	/** Gives up waiting, not buying: the same key finds the purchase again. */
	signal?: AbortSignal
}
/**
 * Buys one call of a paid API and resolves when it is known what became of it. However often it is repeated, one key pays once.
 *
 * Of a `completed` one `answer` is what the API said; where there is none, `problem` says why.
 *
 * @throws ProviderServiceError: what the service refused, such as `PURCHASE_REFUSED` with `details.checks`
 *
 * @example
 * const { answer } = await buy(client, { url: 'https://api.example.com/weather?city=Graz', maxPrice: 20_000n })
 * if (answer?.status === 200) console.log(JSON.parse(answer.body))
 */
export declare function buy(client: Client, options: BuyOptions): Promise<CreatedPurchase>
/** What can go wrong on this side, beside what the service answers. */
export type ClientErrorCode =
	/** No answer came, or one that is not the service's. What was asked for may have happened. */
	| 'UNREACHABLE'
	/** The payment ended otherwise than settled, or needs an operator: see `payment` and `details`. */
	| 'PAYMENT_NOT_SETTLED'
	/** The webhook is not believed; `details.reason` is a `WebhookRefusal`. */
	| 'WEBHOOK_REFUSED'
	/** The person said no in their wallet. The same key tries the same payment again. */
	| 'WALLET_REJECTED'
	/** The wallet is on another chain and would not change. As before. */
	| 'WRONG_CHAIN'
	/** The wallet failed, or is not the payment's; its error is the `cause`. */
	| 'WALLET_FAILED'
/** Every code of this package's errors: a `switch` over it can end in `never`. */
export type ProviderErrorCode = ErrorCode | ClientErrorCode
/** What comes with errors of these codes. Amounts are base units, in decimal. */
export interface ErrorDetails {
	REFUSED_BY_COMPLIANCE: InJson<Refusal>
	INSUFFICIENT_BALANCE: { balance: string; price: string; assetId: string; wallet: string }
	RATE_LIMITED: { retryAfterSeconds: number }
	PAYMENT_NOT_SETTLED: { paymentId: string; state: Payment['state']; reason: string }
}
/** An error of one of these codes. */
export type ProviderErrorOf<Code extends ProviderErrorCode> = ProviderServiceError & {
	readonly code: Code
	readonly details: Code extends keyof ErrorDetails ? ErrorDetails[Code] : unknown
	readonly payment: Code extends 'PAYMENT_NOT_SETTLED' ? Payment : unknown
}
/** See `ProviderServiceError`. */
export interface ProviderServiceErrorDetails {
	code: ProviderErrorCode
	retryable: boolean
	status?: number | null
	requestId?: string | null
	issues?: Issue[] | null
	details?: Record<string, unknown> | null
}
/**
 * The one error of this package, whatever its code. Its `message` is a sentence for people.
 */
export declare class ProviderServiceError extends Error {
	readonly name = "ProviderServiceError"
	readonly code: ProviderErrorCode
	/** Whether the same call, with the same idempotency key, may succeed later. */
	readonly retryable: boolean
	/** HTTP status; null when no answer came. */
	readonly status: number | null
	/** Quote it to whoever runs the service; null when it did not answer. */
	readonly requestId: string | null
	/** The fields of the input that do not fit. */
	readonly issues: Issue[]
	/** By code: see `ErrorDetails`. */
	readonly details: Record<string, unknown>
	/** The payment as it ended, for `PAYMENT_NOT_SETTLED`. */
	readonly payment: Payment | null
	constructor(message: string, about: ProviderServiceErrorDetails, { cause, payment }?: {
		cause?: unknown
		payment?: Payment | null
	})
}
/**
 * Whether something thrown is an error of this package and, if you name codes, has one of them, with its `details`.
 *
 * @example
 * try {
 *   await pay(client, { paywallId, walletId })
 * } catch (error) {
 *   if (isProviderError(error, 'REFUSED_BY_COMPLIANCE')) return error.details.checks.map(({ remedy }) => remedy)
 *   if (isProviderError(error) && error.retryable) return 'Try again later.'
 *   throw error
 * }
 */
export declare function isProviderError(error: unknown): error is ProviderServiceError
export declare function isProviderError<Code extends ProviderErrorCode>(error: unknown, ...codes: Code[]): error is ProviderErrorOf<Code>
/**
 * Whatever was thrown, as a `ProviderServiceError`. Calls of a client throw nothing else, but for the reason of a signal.
 *
 * @example
 * const { code, requestId } = errorOf(new TypeError('fetch failed')) // 'UNREACHABLE', null
 */
export declare function errorOf(error: unknown): ProviderServiceError
export interface EventsOptions {
	/** The position of the last event that you dealt with; 0 is before the first. Without it, from now on. */
	from?: bigint | string
	/** Only these types: `payment.settled`, `payment.*`, `*.attention`. */
	types?: (ServiceEvent['type'] | '*' | `${string}.*` | `*.${string}`)[]
	/** Only events about this object. */
	objectId?: string
	/** Ends the iteration with its reason. */
	signal?: AbortSignal
	/** Milliseconds of a silent stream until events are asked for instead; 10 000 by default. */
	patience?: number
}
/**
 * What happens in the app, as it happens: each event once, in the order of the feed, whatever breaks on the way. Keep the `position`
 * of the last event that you dealt with, and another process goes on behind it.
 *
 * @throws ProviderServiceError for what no repetition helps against; the reason of `signal`
 *
 * @example
 * for await (const event of events(client, { types: ['payment.*'] })) if (event.type === 'payment.settled') console.log(event.data.id)
 */
export declare function events(client: Client, options?: EventsOptions): AsyncGenerator<ServiceEvent, void>
/** Where text is kept by name: `localStorage`, or anything like it. */
export interface IntentionStorage {
	getItem(name: string): string | null | Promise<string | null>
	setItem(name: string, text: string): void | Promise<void>
	removeItem(name: string): void | Promise<void>
}
/** One idempotency key for each thing that somebody is about to do. */
export interface Intentions {
	/** The key of this intention: the same after a reload and in every tab, until it has ended. */
	keyOf(name: string): Promise<string>
	/** The same, if there is one already. */
	find(name: string): Promise<string | null>
	/** Ends the intention, if it is still that of this key. */
	end(name: string, key: string): Promise<void>
}
/**
 * Keeps one idempotency key for each named intention until it ended: a second click, a second tab or a reload in the middle finds the
 * first payment. In `localStorage`, or where you say.
 *
 * @example
 * const buying = intentions()
 * const name = `${paywallId} by ${walletId}`
 * const idempotencyKey = await buying.keyOf(name)
 * try {
 *   await pay(client, { paywallId, walletId, idempotencyKey })
 * } catch (error) {
 *   // no answer, a refusal, a no in the wallet: the same key tries again; `attention`: it may be paid yet
 *   if (!isProviderError(error, 'PAYMENT_NOT_SETTLED') || error.details.state === 'attention') throw error
 * }
 * await buying.end(name, idempotencyKey)
 */
export declare function intentions(storage?: IntentionStorage): Intentions
/** A wallet of the caller's own, which pays when its owner agrees. */
export interface WalletSender {
	address: Address
	/** Has the owner agree to exactly these calls, sends them, and resolves with the hash of the transaction. */
	sendCalls(calls: WalletCalls): Promise<Hash>
}
export interface PayOptions {
	paywallId: string
	walletId: string
	/** Signs and sends, where the wallet is the caller's own (`external`). */
	wallet?: WalletSender
	/**
	 * One per intention to pay; give your own, such as an order number, when it must outlive this process. By default, with a `wallet`, it is
	 * kept in `storage` until the payment has ended; else made for each call.
	 */
	idempotencyKey?: string
	/** Gives up waiting, not paying: the payment goes on, and the same key finds it again. */
	signal?: AbortSignal
	/** Told of the payment whenever its state or its transaction changes. */
	onChange?: (payment: Payment) => void
	/** Keeps what the wallet sent until the service knows it; `localStorage` by default. */
	storage?: IntentionStorage
}
/** A settled payment: the chain shows it. */
export type SettledPayment = Payment & { state: 'settled'; transactionHash: Hash; replayed: boolean }
/**
 * Pays a paywall and resolves when the payment is settled on the chain. However often it is repeated, one key pays once.
 *
 * With `wallet`, the caller's own, its owner is asked to agree to the calls: by one tab at a time, and not again once they were sent.
 *
 * @throws ProviderServiceError: what the service refused; `WALLET_REJECTED`, `WRONG_CHAIN` or `WALLET_FAILED`, after which the same key
 *   tries again; or `PAYMENT_NOT_SETTLED` with the payment, when it ended otherwise or needs an operator
 *
 * @example
 * const payment = await pay(client, { paywallId, walletId, idempotencyKey: `order-${orderNumber}` })
 * console.log(payment.transactionHash)
 */
export declare function pay(client: Client, options: PayOptions): Promise<SettledPayment>
/** A wallet that can sign a message. */
export interface Signer {
	address: Address
	/** The chain the wallet is on: a contract wallet is asked there whether it signed. */
	chainId: number
	signMessage(message: string): Promise<`0x${string}`>
}
export interface SignInOptions { appId: string; signer: Signer }
/**
 * Signs a wallet's owner in: the service writes a message, the wallet signs it, and the browser gets a session cookie that scripts
 * cannot read, in place of the one it had.
 *
 * @throws ProviderServiceError: `ORIGIN_NOT_ALLOWED` from a page that is not one of the app's, `SIGN_IN_FAILED`, `RATE_LIMITED`; what the
 *   signer says
 *
 * @example
 * const { user } = await signIn(client, { appId, signer })
 */
export declare function signIn(client: Client, { appId, signer }: SignInOptions): Promise<SignedIn>
/** Ends the session of this browser, or `everywhere` all of the user's. */
export declare const signOut: (client: Client, { everywhere }?: { everywhere?: boolean }) => Promise<{ ended: number }>
/** A webhook as it came: its headers in the form of whichever server, and the body before anything parsed it. */
export interface ReceivedWebhook { headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>; body: string | Uint8Array }
/** Why a webhook is not believed. */
export type WebhookRefusal = 'missing_headers' | 'bad_timestamp' | 'too_old' | 'too_new' | 'bad_signature' | 'not_an_event'
/**
 * Makes sure that the service signed this very body for you, a short while ago, and answers with the event. Give two secrets while you
 * change yours. Any event may come more than once and out of order: know it by `id`, order an object's by `sequence`.
 *
 * @throws ProviderServiceError WEBHOOK_REFUSED: answer 400, and do nothing else. TypeError for a secret that is none
 *
 * @example
 * const event = await verifyWebhook(secret, { headers: request.headers, body: await request.text() })
 */
export declare function verifyWebhook(secrets: string | readonly string[], { headers, body }: ReceivedWebhook, { now }?: { now?: () => number }): Promise<ServiceEvent>
/** What every procedure says of itself. */
type Of<Input, Output> = { input: Input; output: Output; meta: object; errorShape: TRPCDefaultErrorShape }
type Query<Input, Output> = TRPCQueryProcedure<Of<Input, Output>>
type Mutation<Input, Output> = TRPCMutationProcedure<Of<Input, Output>>
/** Does once what is asked for with one key, however often it is asked for. */
type Keyed<Input, Output> = Mutation<Input & { idempotencyKey: string }, Output>
/** What a token's issuer has done with it, and why. */
type Operated<Input = object> = Keyed<Input & { tokenId: string; reason: string }, AcceptedOperation>
/** What may be given for it: addresses need no checksum. */
type Given<T> = T extends Address ? string : T extends bigint | Date ? T : T extends object ? { [Name in keyof T]: Given<T[Name]> } : T
/** Pages of at most `limit` (1 to 100, 20 by default), newest first where nothing else is said; `all` turns them. */
type Paged<Item, Filter = object> = Query<{ cursor?: string | null; limit?: number } & Filter, Page<Item>>
export {}