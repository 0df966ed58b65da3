/** What can happen to an object, by the name of its event. The same names are the actions of the audit trail. */
export type EventType = 'app.created' | 'api_key.created' | 'api_key.revoked' | 'asset.registered' | 'wallet.created' | 'paywall.created' | 'paywall.updated' | 'paywall.archived' | 'list_entry.added' | 'list_entry.removed' | 'decision.refused'
/** The wallet provider took the transaction of a payment. */
 | 'transaction.submitted' | `payment.${'accepted' | 'submitted' | 'settled' | 'failed' | 'attention' | 'cancelled' | 'refused'}`;
/** The kinds of object that have a trail. */
export type ObjectType = 'app' | 'api_key' | 'asset' | 'wallet' | 'paywall' | 'list_entry' | 'decision' | 'payment';
