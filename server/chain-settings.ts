import { getAddress, isAddress } from 'viem'
import * as z from 'zod'

// The chains: the variable CHAINS, once it is JSON. A chain is added by configuration alone.

const node = z.url({ protocol: /^https?$/ })

const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), 'is an address')
  .transform((value) => getAddress(value))

/** In wei, as a whole number or a string of digits. */
const wei = z.union([z.int().min(0), z.string().regex(/^\d{1,30}$/, 'is a whole number of wei')]).transform(BigInt)

/**
 * What transactions that are signed here pay for gas. `eip1559`: twice the base fee and a tip, and more when they are stuck, up to a
 * cap for each unit of gas. `fixed`: always the same price, 0 where gas is free; more when they are stuck only where there is a cap.
 */
const gas = z.discriminatedUnion('policy', [
  z
    .strictObject({ policy: z.literal('eip1559'), cap: wei, tip: wei.default(1n) })
    .refine(({ cap, tip }) => cap > 0n && tip <= cap, 'has a tip above its cap, or a cap of nothing'),
  z
    .strictObject({ policy: z.literal('fixed'), price: wei, cap: wei.optional() })
    .refine(({ price, cap }) => cap === undefined || price <= cap, 'has a price above its cap'),
])

const localSigner = z.strictObject({
  gas: gas.default({ policy: 'eip1559', cap: 500_000_000_000n, tip: 1n }),
  /** How many transactions of one key may be on their way at a time. */
  inFlight: z.int().min(1).max(2_000).default(256),
  /** When one that is in no block is paid more for. */
  replaceAfterMs: z.int().min(1).default(30_000),
})

export const chainsSetting = z
  .array(
    z.strictObject({
      chainId: z.int().min(1),
      /** Of a node, or of several that take over from each other, the preferred first. */
      rpcUrl: z.union([node.transform((url) => [url]), z.array(node).min(1)]),
      confirmations: z.int().min(1).default(1),
      finality: z.int().min(0).default(32),
      /** Crossmint's word for the chain, where it is not one of the known ones; null: not served by it. */
      crossmint: z.string().min(1).nullable().default(null),
      /**
       * The accounts that bring custodial wallets' transactions to the chain for Crossmint. A chain with `txAllowList` has to take theirs: until
       * they are named here, no custodial wallet moves a permissioned token there.
       */
      crossmintSenders: z.array(address).default([]),
      /** How the keys of LOCAL_SIGNER_KEYS sign here; `{}` is all of the defaults. Null: they do not. */
      localSigner: localSigner.nullable().default(null),
      /** Whether the chain has the precompile that says who may put transactions on it. */
      txAllowList: z.boolean().default(false),
    }),
  )
  .min(1)
  .refine((list) => new Set(list.map(({ chainId }) => chainId)).size === list.length, 'names a chain twice')

export type ChainSetting = z.output<typeof chainsSetting>[number]
