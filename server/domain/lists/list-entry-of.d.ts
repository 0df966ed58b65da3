import type { ListEntryRow } from '../../../db/schema.ts';
import type { ListEntry } from '../../contract/entities.ts';
export declare const listEntryColumns: readonly ['id', 'list', 'kind', 'address', 'reason', 'source', 'created_at', 'removed_at'];
export declare const listEntryOf: (row: Pick<ListEntryRow, (typeof listEntryColumns)[number]>) => ListEntry;
