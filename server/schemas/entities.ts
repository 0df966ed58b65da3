import * as z from 'zod'
import { roles } from '../contract/callers.ts'
import type * as entity from '../contract/entities.ts'
import { address, chain, grantedRole, hash, scope, tokenScope } from './common.ts'

// Each shape is checked against its entity. That a shape has no field its entity lacks is checked in the tests.

export const listKind = z.enum(['deny', 'allow', 'sanctions'])

export const appShape = z.object({
  id: z.string(),
  name: z.string(),
  origins: z.array(z.string()),
  createdAt: z.date(),
})
export const app: z.core.$ZodType<entity.App, entity.App> = appShape

export const apiKeyShape = z.object({
  id: z.string(),
  appId: z.string().nullable(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(scope).nullable(),
  createdAt: z.date(),
  lastUsedAt: z.date().nullable(),
  expiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
})
export const apiKey: z.core.$ZodType<entity.ApiKey, entity.ApiKey> = apiKeyShape
export const newApiKeyShape = apiKeyShape.extend({ secret: z.string().nullable(), replayed: z.boolean() })
export const newApiKey: z.core.$ZodType<entity.NewApiKey, entity.NewApiKey> = newApiKeyShape

export const userShape = z.object({
  id: z.string(),
  address,
  roles: z.array(z.enum(roles)),
  createdAt: z.date(),
})
export const user: z.core.$ZodType<entity.User, entity.User> = userShape

export const challengeShape = z.object({ nonce: z.string(), message: z.string(), expiresAt: z.date() })
export const challenge: z.core.$ZodType<entity.Challenge, entity.Challenge> = challengeShape

export const sessionShape = z.object({
  id: z.string(),
  address,
  createdAt: z.date(),
  lastSeenAt: z.date(),
  expiresAt: z.date(),
  revokedAt: z.date().nullable(),
  current: z.boolean(),
})
export const session: z.core.$ZodType<entity.Session, entity.Session> = sessionShape

const given = z.array(scope).nullable()
export const meShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), appId: z.string(), user: userShape, sessionId: z.string(), scopes: given }),
  z.object({ kind: z.literal('service'), appId: z.string().nullable(), keyId: z.string(), scopes: given }),
])
export const me: z.core.$ZodType<entity.Me, entity.Me> = meShape

export const tokenShape = z.object({ token: z.string(), scopes: z.array(tokenScope), expiresAt: z.date() })
export const token: z.core.$ZodType<entity.Token, entity.Token> = tokenShape

export const roleChangeShape = z.object({
  type: z.enum(['role.grant', 'role.revoke']),
  userId: z.string(),
  role: grantedRole,
})
export const roleChange: z.core.$ZodType<entity.RoleChange, entity.RoleChange> = roleChangeShape

export const policyPublicationShape = z.object({ type: z.literal('policy.publish'), policyId: z.string() })
export const policyPublication: z.core.$ZodType<entity.PolicyPublication, entity.PolicyPublication> =
  policyPublicationShape

export const buyingPublicationShape = z.object({ type: z.literal('purchases.policy'), policyId: z.string() })

export const holdReleaseShape = z.object({ type: z.literal('hold.release'), holdId: z.string() })

export const listAdditionShape = z.object({
  type: z.literal('list.add'),
  list: z.string(),
  subject: z.string(),
  reason: z.string(),
  source: z.string(),
  validFrom: z.string().nullable(),
  validUntil: z.string().nullable(),
})

export const listRemovalShape = z.object({
  type: z.literal('list.remove'),
  list: z.string(),
  entryId: z.string(),
  subject: z.string(),
})

export const listPublicationShape = z.object({
  type: z.literal('list.publish'),
  list: z.string(),
  importId: z.string(),
  added: z.int(),
  removed: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  hash: z.string(),
})

export const operationReleaseShape = z.object({
  type: z.enum(['eerc.operate', 'eerc.transfer']),
  operationId: z.string(),
  transactionId: z.string(),
  tokenId: z.string(),
  operation: z.string(),
  fields: z.record(z.string(), z.unknown()),
})

export const approvalState = z.enum(['requested', 'approved', 'rejected', 'expired'])

export const approvalShape = z.object({
  id: z.string(),
  action: z.discriminatedUnion('type', [
    roleChangeShape,
    policyPublicationShape,
    buyingPublicationShape,
    listAdditionShape,
    listRemovalShape,
    listPublicationShape,
    holdReleaseShape,
    operationReleaseShape,
  ]),
  reason: z.string(),
  state: approvalState,
  requestedBy: z.string(),
  decidedBy: z.string().nullable(),
  note: z.string().nullable(),
  createdAt: z.date(),
  expiresAt: z.date(),
  decidedAt: z.date().nullable(),
})
export const approval: z.core.$ZodType<entity.Approval, entity.Approval> = approvalShape
export const requestedApprovalShape = approvalShape.extend({ replayed: z.boolean() })
export const requestedApproval: z.core.$ZodType<entity.RequestedApproval, entity.RequestedApproval> =
  requestedApprovalShape

export const assetShape = z.object({ id: z.string(), chain, address, symbol: z.string(), decimals: z.int() })
export const asset: z.core.$ZodType<entity.Asset, entity.Asset> = assetShape

export const walletShape = z.object({
  id: z.string(),
  kind: z.enum(['custodial', 'external', 'treasury']),
  address,
  owner: z.string(),
  userId: z.string().nullable(),
  createdAt: z.date(),
})
export const wallet: z.core.$ZodType<entity.Wallet, entity.Wallet> = walletShape

export const balanceShape = z.object({
  assetId: z.string(),
  chain,
  symbol: z.string(),
  decimals: z.int(),
  amount: z.bigint(),
})
export const balance: z.core.$ZodType<entity.Balance, entity.Balance> = balanceShape

export const paywallShape = z.object({
  id: z.string(),
  title: z.string(),
  merchantId: z.string().nullable(),
  assetId: z.string(),
  price: z.bigint(),
  recipient: address,
  accessSeconds: z.number().nullable(),
  state: z.enum(['open', 'archived']),
  expiresAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
})
export const paywall: z.core.$ZodType<entity.Paywall, entity.Paywall> = paywallShape

const outcome = z.enum(['allow', 'deny', 'review'])

export const checkShape = z.object({
  rule: z.string(),
  outcome,
  code: z.string(),
  message: z.string(),
  list: z.string().nullable(),
  evidence: z.string().nullable(),
  remedy: z.string().nullable(),
})

export const decisionShape = z.object({
  id: z.string(),
  action: z.string(),
  outcome,
  subject: z.record(z.string(), z.string()),
  checks: z.array(checkShape),
  listVersion: z.bigint(),
  policyVersion: z.int(),
  commitment: z.string().nullable(),
  createdAt: z.date(),
})
export const decision: z.core.$ZodType<entity.Decision, entity.Decision> = decisionShape
export const outcomes = outcome
export const complianceShape = decisionShape.pick({
  outcome: true,
  checks: true,
  listVersion: true,
  policyVersion: true,
})
export const compliance: z.core.$ZodType<entity.Compliance, entity.Compliance> = complianceShape

export const listShape = z.object({
  id: z.string(),
  name: z.string(),
  kind: listKind,
  importId: z.string().nullable(),
  changedIn: z.bigint(),
  createdAt: z.date(),
})
export const list: z.core.$ZodType<entity.List, entity.List> = listShape

export const listEntryShape = z.object({
  id: z.string(),
  list: z.string(),
  kind: listKind,
  subject: z.string(),
  reason: z.string(),
  source: z.string(),
  validFrom: z.date().nullable(),
  validUntil: z.date().nullable(),
  createdAt: z.date(),
  removedAt: z.date().nullable(),
})
export const listEntry: z.core.$ZodType<entity.ListEntry, entity.ListEntry> = listEntryShape

export const listChangeShape = z.discriminatedUnion('status', [
  z.object({ status: z.literal('done'), entry: listEntryShape }),
  z.object({ status: z.literal('requested'), approval: requestedApprovalShape }),
])
export const listChange: z.core.$ZodType<entity.ListChange, entity.ListChange> = listChangeShape

export const listImportState = z.enum(['staging', 'staged', 'published', 'discarded', 'expired'])

const count = z.int().nullable()
export const listImportShape = z.object({
  id: z.string(),
  list: z.string(),
  state: listImportState,
  source: z.string(),
  stagedBy: z.string(),
  entries: count,
  duplicates: count,
  skipped: count,
  added: count,
  removed: count,
  changed: count,
  unchanged: count,
  hash: z.string().nullable(),
  createdAt: z.date(),
  expiresAt: z.date(),
  publishedAt: z.date().nullable(),
})
export const listImport: z.core.$ZodType<entity.ListImport, entity.ListImport> = listImportShape

const samples = z.array(
  listEntryShape.pick({ subject: true, reason: true, source: true, validFrom: true, validUntil: true }),
)
export const listPreviewShape = listImportShape.extend({
  samples: z.object({ added: samples, removed: samples, changed: samples, unchanged: samples }),
})
export const listPreview: z.core.$ZodType<entity.ListPreview, entity.ListPreview> = listPreviewShape
export const stagedImport: z.core.$ZodType<
  entity.ListPreview & { replayed: boolean },
  entity.ListPreview & { replayed: boolean }
> = listPreviewShape.extend({ replayed: z.boolean() })

export const refusalShape = z.object({
  decisionId: z.string(),
  checks: z.array(checkShape),
  listVersion: z.bigint(),
  policyVersion: z.int(),
})

export const paymentState = z.enum([
  'held',
  'accepted',
  'submitted',
  'settled',
  'failed',
  'attention',
  'cancelled',
  'refused',
  'expired',
])

export const failureShape = z
  .object({ reason: z.string(), message: z.string(), refusal: refusalShape.nullable() })
  .nullable()

export const paymentShape = z.object({
  id: z.string(),
  paywallId: z.string(),
  walletId: z.string(),
  assetId: z.string(),
  chain,
  payer: address,
  recipient: address,
  amount: z.bigint(),
  state: paymentState,
  decisionId: z.string(),
  transactionId: z.string(),
  transactionHash: z.union([hash, z.null()]),
  blockNumber: z.bigint().nullable(),
  failure: failureShape,
  settledAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
})
export const payment: z.core.$ZodType<entity.Payment, entity.Payment> = paymentShape
export const acceptedPaymentShape = paymentShape.extend({ replayed: z.boolean() })
export const acceptedPayment: z.core.$ZodType<entity.AcceptedPayment, entity.AcceptedPayment> = acceptedPaymentShape

export const walletCallsShape = z.object({
  paymentId: z.string(),
  chain,
  from: address,
  calls: z.array(z.object({ to: address, data: hash, value: z.bigint() })),
  expiresAt: z.date(),
})
export const walletCalls: z.core.$ZodType<entity.WalletCalls, entity.WalletCalls> = walletCallsShape

export const quoteShape = z.object({
  paywallId: z.string(),
  walletId: z.string(),
  assetId: z.string(),
  chain,
  payer: address,
  recipient: address,
  amount: z.bigint(),
  balance: z.bigint(),
  outcome,
  checks: z.array(checkShape),
  listVersion: z.bigint(),
  policyVersion: z.int(),
  payable: z.boolean(),
})
export const quote: z.core.$ZodType<entity.Quote, entity.Quote> = quoteShape

export const accessShape = z.object({
  id: z.string(),
  paywallId: z.string(),
  walletId: z.string(),
  paymentId: z.string(),
  startsAt: z.date(),
  expiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
})
export const access: z.core.$ZodType<entity.Access, entity.Access> = accessShape
export const accessCheckShape = z.object({ granted: z.boolean(), access: accessShape.nullable() })
export const accessCheck: z.core.$ZodType<entity.AccessCheck, entity.AccessCheck> = accessCheckShape

export const auditLeafShape = z.object({
  stream: z.string(),
  sequence: z.bigint(),
  body: z.string(),
  hash: z.string(),
})
export const auditLeaf: z.core.$ZodType<entity.AuditLeaf, entity.AuditLeaf> = auditLeafShape

/** An answer that may repeat an earlier one. */
export const createdApp: z.core.$ZodType<entity.App & { replayed: boolean }, entity.App & { replayed: boolean }> =
  appShape.extend({ replayed: z.boolean() })
export const createdPaywall: z.core.$ZodType<
  entity.Paywall & { replayed: boolean },
  entity.Paywall & { replayed: boolean }
> = paywallShape.extend({ replayed: z.boolean() })
export const signedInShape = z.object({ user: userShape, session: sessionShape })
export const signedIn: z.core.$ZodType<entity.SignedIn, entity.SignedIn> = signedInShape
