import type { AccessRow } from '../../../db/schema.ts';
import type { Access } from '../../contract/entities.ts';
export declare const accessColumns: readonly ['id', 'paywall_id', 'wallet_id', 'payment_id', 'starts_at', 'expires_at', 'revoked_at', 'created_at'];
export declare const accessOf: (row: Pick<AccessRow, (typeof accessColumns)[number]>) => Access;
