import type { Kysely } from 'kysely';
import type { Database, NewAudit, NewEvent } from '../../../db/schema.ts';
import type { EventType, ObjectType } from '../../contract/events.ts';
import { type Principal } from '../principal.ts';
/** Where an object's trail stands: the columns `version` and `audit_head` of its row. */
export interface TrailHead {
    version: bigint;
    audit_head: Buffer;
}
/** The head of an object that has no leaf yet. */
export declare const emptyTrail: TrailHead;
/** One state change: who did what to which object, and the facts of it. */
export interface Change {
    object: {
        type: ObjectType;
        id: string;
        appId: string;
    };
    principal: Principal;
    type: EventType;
    at: Date;
    /** JSON values only: amounts in decimal, times in ISO 8601. */
    data: Record<string, unknown>;
}
/** The next leaf and event of an object, to be written in the commit that changes it, and the head its row then carries. */
export interface TrailStep {
    head: TrailHead;
    audit: NewAudit;
    event: NewEvent;
}
/** The hash of a leaf: SHA-256 of a zero byte (RFC 6962's mark of a leaf) and its canonical bytes. */
export declare const leafHash: (body: Uint8Array) => Buffer;
/** Chains a change to the head of its object's trail. Pure: writes nothing. */
export declare function nextStep(head: TrailHead, change: Change): TrailStep;
/** Writes a step's audit leaf and event. Call it in the transaction that changes the object. */
export declare function append(trx: Kysely<Database>, step: TrailStep): Promise<void>;
