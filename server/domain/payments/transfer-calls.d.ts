import { type Hex } from 'viem';
import type { Address } from '../../contract/entities.ts';
import type { Call } from '../../gateways/wallet-provider.ts';
/**
 * The call that pays: a plain ERC-20 transfer, followed by the transaction's id. Contracts ignore what follows their
 * arguments, and it makes the calldata of each payment its own: the provider's records and the chain can be searched for it.
 */
export declare function transferCalls(transactionId: string, token: Address, recipient: Address, amount: bigint): [Call];
/** A transaction's id as the 16 bytes that end its calldata. */
export declare const referenceOf: (transactionId: string) => Hex;
