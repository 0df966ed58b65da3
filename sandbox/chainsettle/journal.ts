import type { Hash } from 'viem'

/** One request of the HTTP interface and what became of it. */
export interface Exchange {
  type: 'exchange'
  seq: number
  at: string
  /** Such as `get_settlement_status`; null for a path that does not exist. */
  endpoint: string | null
  method: string
  path: string
  requestBody: unknown
  /** Null when no answer was sent. */
  status: number | null
  responseBody: unknown
  fault: string | null
}

/** What somebody did on the chain. */
export interface Deed {
  type: 'chain'
  seq: number
  at: string
  deed: 'initialized' | 'registered' | 'attested' | 'proposed' | 'voted'
  idHash: Hash
  transactions: Hash[]
}

/** One callback that was sent. */
export interface SentCallback {
  type: 'callback'
  seq: number
  at: string
  url: string
  body: string
  signed: boolean
  status: number | null
  error: string | null
}

export type JournalEntry = Exchange | Deed | SentCallback
export type EntryType = JournalEntry['type']
type Unnumbered = { [T in EntryType]: Omit<Extract<JournalEntry, { type: T }>, 'seq' | 'at'> }[EntryType]

export type Journal = ReturnType<typeof openJournal>

/** Remembers the last `size` entries. */
export function openJournal(size: number) {
  const entries: JournalEntry[] = []
  let seq = 0

  return {
    write(entry: Unnumbered) {
      entries.push({ ...entry, seq: ++seq, at: new Date().toISOString() } as JournalEntry)
      if (entries.length > size * 1.25) entries.splice(0, entries.length - size)
    },
    /** In order of happening; `since` leaves out what has that number or a lower one. */
    read({ type, since = 0 }: { type?: EntryType; since?: number } = {}): JournalEntry[] {
      return entries.filter((entry) => entry.seq > since && (type === undefined || entry.type === type))
    },
    clear() {
      entries.length = 0
    },
  }
}
