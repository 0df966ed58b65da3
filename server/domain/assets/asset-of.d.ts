import type { AssetRow } from '../../../db/schema.ts';
import type { Asset } from '../../contract/entities.ts';
export declare const assetColumns: readonly ['id', 'chain_id', 'address', 'symbol', 'decimals'];
export declare const assetOf: (row: Pick<AssetRow, (typeof assetColumns)[number]>) => Asset;
