import type { ApiKeyRow } from '../../../db/schema.ts';
import type { ApiKey } from '../../contract/entities.ts';
export declare const apiKeyColumns: readonly ['id', 'app_id', 'name', 'prefix', 'created_at', 'expires_at', 'revoked_at'];
/** A key as its owners see it: without its hash. */
export declare const apiKeyOf: (row: Pick<ApiKeyRow, (typeof apiKeyColumns)[number]>) => ApiKey;
