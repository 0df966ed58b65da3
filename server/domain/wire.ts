import type { Address, ChainName, Hash } from '../contract/entities.ts'

/** A chain's CAIP-2 name. */
export const chainName = (chainId: bigint | number): ChainName => `eip155:${Number(chainId)}`

/** Addresses and hashes are checked when they are stored, so that a row's text is one. */
export const asAddress = (text: string): Address => text as Address
export const asHash = (text: string): Hash => text as Hash
