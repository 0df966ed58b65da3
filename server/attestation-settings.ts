import { type Address, getAddress, type Hash, isAddress } from 'viem'
import * as z from 'zod'
import type { RpcUrl } from './gateways/chain/rpc.ts'
import type { ChainsettleOptions } from './gateways/chainsettle/create-chainsettle.ts'
import type { EasOptions } from './gateways/eas/create-eas.ts'

// Who is asked what is known of the owners of wallets: the variables CHAINSETTLE and EAS, once they are JSON. The URL of a chain's node is
// that of CHAINS.

const address = z
  .string()
  .refine((value) => isAddress(value), 'is no address, or its checksum is wrong')
  .transform((value): Address => getAddress(value))

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i, 'is 0x and 64 hex digits')
  .transform((value): Hash => `0x${value.slice(2).toLowerCase()}`)

const level = z.union([z.literal(1), z.literal(2), z.literal(3)])
const chainId = z.int().min(1)
const confirmations = z.int().min(1).default(1)

export const chainsettleSetting = z.strictObject({
  /** Of its HTTP interface, which then has to answer; null reads the chain alone. */
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
  generation: z.union([z.literal(2), z.literal(3)]).default(2),
  registries: z.array(z.strictObject({ chainId, docusign: address, confirmations })).min(1),
  /** Whose settlements count; never Chainsettle's own node. */
  issuers: z.array(address).min(1),
  /** What they write into `assetTag`, and the level that this is. */
  levels: z.record(z.string().min(1), level),
  /** How long a settlement is good for; null leaves it to the policy. */
  validitySeconds: z.int().min(1).nullable().default(null),
})

export const easSetting = z.strictObject({
  chainId,
  confirmations,
  eas: address,
  indexer: address,
  schemas: z
    .array(
      z.discriminatedUnion('field', [
        z.strictObject({
          field: z.literal('bool verifiedAccount'),
          uid: hash,
          kind: z.enum(['kyc', 'kyb']),
          level,
          levelName: z.string().min(1).optional(),
        }),
        z.strictObject({
          field: z.literal('string verifiedCountry'),
          uid: hash,
          basis: z.enum(['citizenship', 'residence', 'document', 'incorporation', 'label']),
        }),
      ]),
    )
    .min(1),
  /** Whose attestations count. */
  attesters: z.array(address).min(1),
})

export type ChainsettleSetting = z.output<typeof chainsettleSetting>
export type EasSetting = z.output<typeof easSetting>

/** Chains by their ids, and where their nodes are. */
export type Nodes = readonly { chainId: number; rpcUrl: RpcUrl }[]

/** What is wrong with settings that are well-formed: they name chains that have no node. */
export function chainsWithoutNode(name: string, chainIds: readonly number[], nodes: Nodes): string[] {
  const known = new Set(nodes.map((node) => node.chainId))
  return [...new Set(chainIds)]
    .filter((id) => !known.has(id))
    .map((id) => `${name} names chain ${id}, which CHAINS lacks`)
}

export const chainsettleOptions = (
  { validitySeconds, registries, ...setting }: ChainsettleSetting,
  nodes: Nodes,
): ChainsettleOptions => ({
  ...setting,
  validity: validitySeconds,
  registries: registries.map((registry) => ({ ...registry, rpcUrl: nodeOf(nodes, registry.chainId) })),
})

export const easOptions = (setting: EasSetting, nodes: Nodes): EasOptions => ({
  ...setting,
  rpcUrl: nodeOf(nodes, setting.chainId),
})

const nodeOf = (nodes: Nodes, chainId: number): RpcUrl => nodes.find((node) => node.chainId === chainId)!.rpcUrl
