/** How far a webhook that came in has come. */
export type InboxState = 'received' | 'processed' | 'rejected' | 'dead'

/** A webhook that came in. */
export type InboxWebhook = {
  id: string
  /** Who sent it: the last part of the URL that it was sent to. */
  source: string
  /** What its source knows it by. */
  eventId: string
  /** What it says it is; null where it says nothing. */
  type: string | null
  state: InboxState
  /** What came of it. */
  result: string | null
  /** Of the last look into it that failed: the code. */
  lastError: string | null
  /** Looks into it so far, since it was received or retried. */
  attempts: number
  /** Deliveries under the same id with another body, of which nothing is kept. */
  conflicts: number
  receivedAt: Date
  /** Null while it waits. */
  processedAt: Date | null
  /** Null when nobody looks into it any more. */
  nextAttemptAt: Date | null
}

/** One with its body, as it was signed. */
export type InboxWebhookBody = InboxWebhook & {
  /** Of the whole body. */
  bytes: number
  /** The whole body where it is text; else its first bytes. */
  body: string
  encoding: 'utf8' | 'base64'
}
