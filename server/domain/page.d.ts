import { type SelectQueryBuilder } from 'kysely';
import type { Database } from '../../db/schema.ts';
import type { Page } from '../contract/entities.ts';
/** Which page of a list. */
export interface PageRequest {
    cursor?: string | null | undefined;
    limit: number;
}
/**
 * Reads a page, newest first. The cursor names the last row seen by its time and id, so that rows made meanwhile neither
 * repeat nor hide any.
 *
 * @throws INVALID_INPUT for a cursor that is not one of ours
 */
export declare function page<Tables extends keyof Database, Row extends {
    id: string;
    created_at: Date;
}, Item>(query: SelectQueryBuilder<Database, Tables, Row>, table: Tables & string, { cursor, limit }: PageRequest, itemOf: (row: Row) => Item): Promise<Page<Item>>;
