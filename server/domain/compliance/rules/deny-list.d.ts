import type { Check } from '../../../contract/entities.ts';
import type { Facts, Question } from '../decide.ts';
/** An address that is on a list of the app. */
export interface ListedAddress {
    list: string;
    address: string;
    reason: string;
}
/** Denies an action in which an address on a deny list takes part, in whatever role. */
export declare function denyList(question: Question, { listed }: Facts): Check;
