import type { Decision } from '../../contract/entities.ts';
import type { Services } from '../../services.ts';
import type { AppPrincipal } from '../principal.ts';
/**
 * Answers with a stored decision and every check that led to it.
 *
 * @throws NOT_FOUND
 */
export declare function getDecision(services: Services, principal: AppPrincipal, { decisionId }: {
    decisionId: string;
}): Promise<Decision>;
