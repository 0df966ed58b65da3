import type { PaywallRow } from '../../../db/schema.ts';
import type { Paywall } from '../../contract/entities.ts';
export declare const paywallColumns: readonly ['id', 'title', 'asset_id', 'price', 'recipient', 'access_seconds', 'state', 'expires_at', 'created_at', 'updated_at'];
export declare const paywallOf: (row: Pick<PaywallRow, (typeof paywallColumns)[number]>) => Paywall;
/** A paywall as the audit trail keeps it. */
export declare const paywallFacts: (paywall: Paywall) => {
    accessSeconds: number | null;
    asset: string;
    expiresAt: string | null;
    price: string;
    recipient: `0x${string}`;
    state: "archived" | "open";
    title: string;
};
