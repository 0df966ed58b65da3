/** What can happen to an object, by the name of its event. The same names are the actions of the audit trail. */
export type EventType =
  | 'app.created'
  | 'app.updated'
  | 'api_key.created'
  | 'api_key.revoked'
  /** It ends soon, and another has taken its place. */
  | 'api_key.rotated'
  | 'user.created'
  | 'user.roles_changed'
  | 'session.created'
  | 'session.revoked'
  | `approval.${'requested' | 'approved' | 'rejected' | 'expired'}`
  | 'asset.registered'
  | 'wallet.created'
  /** A custodial wallet of the app became a user's. */
  | 'wallet.linked'
  | 'paywall.created'
  | 'paywall.updated'
  | 'paywall.archived'
  | 'list.created'
  /** New contents wait for their publication. */
  | `list.import_${'staged' | 'discarded' | 'expired'}`
  /** Everything on it was replaced. */
  | 'list.published'
  | 'list_entry.added'
  | 'list_entry.removed'
  | `policy.${'drafted' | 'published' | 'retired'}`
  | `review.${'opened' | 'assigned' | 'approved' | 'denied' | 'expired' | 'obsolete'}`
  | `report.${'requested' | 'finished' | 'failed' | 'expired'}`
  | `hold.${'placed' | 'released'}`
  | 'decision.refused'
  /** The wallet provider took the transaction of a payment. */
  | 'transaction.submitted'
  | 'token.registered'
  | `operation.${'held' | 'accepted' | 'expired' | 'submitted' | 'settled' | 'failed' | 'attention' | 'cancelled' | 'refused'}`
  | `payment.${'held' | 'accepted' | 'expired' | 'submitted' | 'settled' | 'failed' | 'attention' | 'cancelled' | 'refused'}`

/** The kinds of object that have a trail. */
export type ObjectType =
  | 'app'
  | 'api_key'
  | 'user'
  | 'session'
  | 'approval'
  | 'asset'
  | 'wallet'
  | 'paywall'
  | 'list'
  | 'list_entry'
  | 'decision'
  | 'policy'
  | 'review'
  | 'report'
  | 'hold'
  | 'payment'
  | 'token'
  | 'operation'

/** What JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** A fact about one object of the app, as it was when it happened. It never changes. */
export type ServiceEvent = {
  /** The same wherever and however often the event is told: `evt_`, the object and the sequence. */
  id: string
  /** Its place in the feed of the app: whoever has seen all up to it goes on behind it. */
  position: bigint
  appId: string
  type: EventType
  /** Of the shape of `data`. */
  version: number
  objectType: ObjectType
  objectId: string
  /** The number of the event among those of its object: 1, 2, 3 … without a gap. */
  sequence: bigint
  createdAt: Date
  data: { [name: string]: Json }
}
