/** The app id of what belongs to the platform itself, such as assets. */
export declare const PLATFORM = "00000000-0000-0000-0000-000000000000";
/** Who is calling. `appId` is null for a key of the platform's operators. */
export type Principal = {
    kind: 'service';
    keyId: string;
    appId: string | null;
}
/** The service itself: the dispatcher, the tracker. */
 | {
    kind: 'system';
    name: string;
};
/** A principal that acts for one app. */
export type AppPrincipal = Extract<Principal, {
    kind: 'service';
}> & {
    appId: string;
};
/** Who did it, as the audit trail names them. */
export declare const actorOf: (principal: Principal) => string;
/**
 * Whose idempotency keys these are. All keys of an app share them: a client that retries after its API key was rotated must meet
 * its first payment, not make a second.
 */
export declare const subjectOf: (principal: Principal) => string;
