import * as z from 'zod'
import type * as entity from '../contract/eerc.ts'
import * as common from './common.ts'
import { checkShape, failureShape, paymentState } from './entities.ts'

export const tokenStandard = z.enum(['erc-7943', 'erc-7943-draft', 'erc-3643', 'erc-1404', 'can-transfer'])

export const operationType = z.enum([
  'transfer',
  'mint',
  'burn',
  'freeze',
  'forced-transfer',
  'pause',
  'unpause',
  'allow',
  'disallow',
])

export const eercTokenShape = z.object({
  id: z.string(),
  assetId: z.string(),
  chain: common.chain,
  address: common.address,
  kind: z.enum(['permissioned', 'encrypted']),
  standard: tokenStandard.nullable(),
  symbol: z.string(),
  decimals: z.int(),
  agentWalletId: z.string().nullable(),
  capabilities: z.record(z.string(), z.boolean()),
  roles: z.record(z.string(), z.enum(['held', 'lacking', 'unknown'])),
  createdAt: z.date(),
})
export const eercToken: z.core.$ZodType<entity.EercToken, entity.EercToken> = eercTokenShape
export const registeredTokenShape = eercTokenShape.extend({ replayed: z.boolean() })
export const registeredToken: z.core.$ZodType<entity.RegisteredToken, entity.RegisteredToken> = registeredTokenShape

const frozenInput = z
  .bigint()
  .min(0n, 'is 0 or more')
  .max(2n ** 256n - 1n, 'does not fit 256 bits')

/** What each operation needs to know, as it comes in. */
export const inputs = {
  transfer: { to: common.addressInput, amount: common.amountInput },
  mint: { to: common.addressInput, amount: common.amountInput },
  burn: { from: common.addressInput, amount: common.amountInput },
  freeze: { holder: common.addressInput, frozen: frozenInput },
  forcedTransfer: { from: common.addressInput, to: common.addressInput, amount: common.amountInput },
  allow: {
    holder: common.addressInput,
    /** For an ERC-3643 token: the identity contract, and an ISO 3166-1 numeric country. */
    identity: z.object({ contract: common.addressInput, country: z.int().min(0).max(999) }).optional(),
  },
  disallow: { holder: common.addressInput },
}

/** An operation that is asked about. */
export const actionInput = z.discriminatedUnion('type', [
  z.object({ type: z.literal('transfer'), ...inputs.transfer }),
  z.object({ type: z.literal('mint'), ...inputs.mint }),
  z.object({ type: z.literal('burn'), ...inputs.burn }),
  z.object({ type: z.literal('freeze'), ...inputs.freeze }),
  z.object({ type: z.literal('forced-transfer'), ...inputs.forcedTransfer }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('unpause') }),
  z.object({ type: z.literal('allow'), ...inputs.allow }),
  z.object({ type: z.literal('disallow'), ...inputs.disallow }),
])

const { address } = common

export const tokenActionShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('transfer'), from: address, to: address, amount: z.bigint() }),
  z.object({ type: z.literal('mint'), to: address, amount: z.bigint() }),
  z.object({ type: z.literal('burn'), from: address, amount: z.bigint() }),
  z.object({ type: z.literal('freeze'), holder: address, frozen: z.bigint() }),
  z.object({ type: z.literal('forced-transfer'), from: address, to: address, amount: z.bigint() }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('unpause') }),
  z.object({
    type: z.literal('allow'),
    holder: address,
    identity: z.object({ contract: address, country: z.int() }).optional(),
  }),
  z.object({ type: z.literal('disallow'), holder: address }),
])
const tokenAction: z.core.$ZodType<entity.TokenAction, entity.TokenAction> = tokenActionShape

export const eercOperationShape = z.object({
  id: z.string(),
  tokenId: z.string(),
  walletId: z.string(),
  action: tokenAction,
  state: paymentState,
  requestedBy: z.string(),
  reason: z.string().nullable(),
  approvalId: z.string().nullable(),
  decisionId: z.string(),
  transactionId: z.string(),
  transactionHash: z.nullable(common.hash),
  blockNumber: z.bigint().nullable(),
  failure: failureShape,
  settledAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
})
export const eercOperation: z.core.$ZodType<entity.EercOperation, entity.EercOperation> = eercOperationShape
export const acceptedOperationShape = eercOperationShape.extend({ replayed: z.boolean() })
export const acceptedOperation: z.core.$ZodType<entity.AcceptedOperation, entity.AcceptedOperation> =
  acceptedOperationShape

export const eercPreflightShape = z.object({
  outcome: checkShape.shape.outcome,
  checks: z.array(checkShape),
  listVersion: z.bigint(),
  policyVersion: z.int(),
  block: z.bigint(),
  needsApproval: z.boolean(),
})
export const eercPreflight: z.core.$ZodType<entity.EercPreflight, entity.EercPreflight> = eercPreflightShape
