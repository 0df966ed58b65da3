import type { AuditLeaf, Page } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Reads the audit trail of one object of the app, oldest leaf first. Whoever holds it can recompute every hash. The cursor is
 * the sequence of the last leaf seen.
 *
 * @throws NOT_FOUND
 */
export declare function readTrail(services: Services, principal: AppPrincipal, { objectId, cursor, limit }: {
    objectId: string;
    cursor?: string | null | undefined;
    limit: number;
}): Promise<Page<AuditLeaf>>;
