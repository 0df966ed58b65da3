import { type Address, type Hex, isHex } from 'viem'
import { z } from 'zod'
import { readAddress } from './account.ts'
import { refuse } from './errors.ts'

/** The bodies that callers send, of Crossmint's shapes: those for EVM smart wallets. */

const address = z.string().transform((text, context): Address => {
  const read = readAddress(text)
  if (!read) context.addIssue({ code: 'custom', message: 'Invalid address' })
  return read ?? '0x'
})

const hex = z.custom<Hex>((value) => isHex(value), 'Invalid hexadecimal string')
const wei = z.string().regex(/^\d+$/, 'Invalid value')

const signerConfig = z.discriminatedUnion('type', [
  z.object({ type: z.literal('external-wallet'), address }),
  z.object({ type: z.literal('server'), address }),
  z.object({ type: z.literal('api-key') }),
])

export type SignerConfig = z.infer<typeof signerConfig>

export const newWallet = z.object({
  chainType: z.literal('evm'),
  type: z.enum(['smart', 'mpc']).default('smart'),
  config: z
    .strictObject({
      adminSigner: signerConfig.optional(),
      recoveryMethods: z.array(signerConfig).min(1).max(1).optional(),
      delegatedSigners: z
        .array(z.object({ signer: z.union([signerConfig, z.string()]), expiresAt: z.iso.datetime().optional() }))
        .default([]),
      creationSeed: z.string().optional(),
    })
    .optional(),
  owner: z
    .string()
    .regex(/^(COMPANY|(email|userId|phoneNumber|twitter|x):.+)$/s, 'Invalid owner locator')
    .optional(),
  alias: z
    .string()
    .regex(/^[a-zA-Z0-9_-]+$/, 'Invalid alias')
    .optional(),
})

const rawCall = z.object({ to: address, value: wei, data: hex })
const abiCall = z.object({
  address,
  functionName: z.string(),
  abi: z.array(z.unknown()),
  args: z.array(z.unknown()).default([]),
  value: wei.default('0'),
})
const serializedCall = z.object({ transaction: hex })

export const newTransaction = z.object({
  params: z.object({
    calls: z.array(z.union([rawCall, abiCall, serializedCall])).min(1),
    chain: z.string(),
    signer: z.string().optional(),
  }),
})

export type WireCall = z.infer<typeof newTransaction>['params']['calls'][number]

export const newTransfer = z.object({
  recipient: z.string().min(1),
  amount: z.string().regex(/^\d+(\.\d*)?$/, 'Invalid amount'),
  signer: z.string().optional(),
  transactionType: z.enum(['direct', 'regulated-transfer', 'onramp']).optional(),
})

export const approvals = z.object({
  approvals: z.array(z.object({ signer: z.string(), signature: hex })).min(1),
})

const typedData = z.object({
  domain: z.object({
    name: z.string(),
    version: z.string(),
    chainId: z.number().int(),
    verifyingContract: address,
    salt: hex.optional(),
  }),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  primaryType: z.string(),
  message: z.record(z.string(), z.unknown()),
})

export const newSignature = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    params: z.object({ message: z.string(), chain: z.string(), signer: z.string().optional() }),
  }),
  z.object({
    type: z.literal('typed-data'),
    params: z.object({
      typedData,
      chain: z.string(),
      signer: z.string().optional(),
      isSmartWalletSignature: z.boolean().optional(),
    }),
  }),
])

export const newSigner = z.object({
  signer: z.union([signerConfig, z.string()]),
  chain: z.string(),
  expiresAt: z.iso.datetime().optional(),
  deployImmediately: z.boolean().optional(),
})

export const funding = z.object({
  amount: z.number().min(1).max(100),
  token: z.literal('usdxm'),
  chain: z.string(),
})

/** @throws Refusal 400 that names each field at fault. */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw refuse(
    400,
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  )
}
