import type { Address, ChainName, Hash } from '../contract/entities.ts';
/** A chain's CAIP-2 name. */
export declare const chainName: (chainId: bigint | number) => ChainName;
/** Addresses and hashes are checked when they are stored, so that a row's text is one. */
export declare const asAddress: (text: string) => Address;
export declare const asHash: (text: string) => Hash;
