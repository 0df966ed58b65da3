import type { WalletRow } from '../../../db/schema.ts';
import type { Wallet } from '../../contract/entities.ts';
export declare const walletColumns: readonly ['id', 'kind', 'address', 'owner', 'created_at'];
export declare const walletOf: (row: Pick<WalletRow, (typeof walletColumns)[number]>) => Wallet;
