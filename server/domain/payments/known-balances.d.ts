import type { Chains } from '../../gateways/chain/chains.ts';
import type { Clock } from '../../services.ts';
import type { Offer } from './offer.ts';
/** Balances lately read from the chain. */
export interface KnownBalances {
    /**
     * A balance that covers the offer, if one was read in the last seconds; else what the chain says now. So a payment is refused
     * only on a fresh reading, and accepted on a recent one: whether it really can be paid is the chain's to say.
     */
    atLeast(offer: Pick<Offer, 'wallet' | 'asset' | 'amount'>): Promise<bigint>;
}
export declare function knownBalances({ chains, clock }: {
    chains: Chains;
    clock: Clock;
}): KnownBalances;
