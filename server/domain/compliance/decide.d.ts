import type { Decision } from '../../contract/entities.ts';
import { type ListedAddress } from './rules/deny-list.ts';
/** What is being decided on. */
export interface Question {
    action: 'payment';
    /** Role of each address in the action, such as `payer` and `recipient`. */
    addresses: Readonly<Record<string, string>>;
}
/** What the rules know, read before they are asked. */
export interface Facts {
    /** The version of the app's lists. */
    listVersion: bigint;
    /** Entries in force for the addresses of the question. */
    listed: readonly ListedAddress[];
}
/** An answer that is not stored yet. */
export type Answer = Pick<Decision, 'outcome' | 'checks'>;
/** Asks every rule. The strictest outcome wins and every rule's result is kept. */
export declare function decide(question: Question, facts: Facts): Answer;
