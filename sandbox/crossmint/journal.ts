/** One request of the real interface and what became of it. */
export interface Exchange {
  type: 'exchange'
  seq: number
  at: string
  /** The operation, such as `createTransaction`; null for a path that does not exist. */
  endpoint: string | null
  /** Its path in Crossmint's OpenAPI file, such as `/2025-06-09/wallets/{walletLocator}`. */
  route: string | null
  method: string
  /** Below `/api`, with its query. */
  path: string
  idempotencyKey: string | null
  projectId: string | null
  requestBody: unknown
  /** Null when no answer was sent. */
  status: number | null
  responseBody: unknown
  outcome: 'answered' | 'dropped' | 'hung'
  /** Modes of the faults that changed it. An answer with one of them need not be what the OpenAPI file says. */
  faults: string[]
  milliseconds: number
}

/** A fault that happened. */
export interface FaultEntry {
  type: 'fault'
  seq: number
  at: string
  mode: string
  variant: string
  endpoint: string | null
  wallet: string | null
  transactionId: string | null
  details: Record<string, unknown>
}

/** One attempt to deliver a webhook. */
export interface Delivery {
  type: 'webhook'
  seq: number
  at: string
  /** The `svix-id`. */
  id: string
  event: string
  url: string
  attempt: number
  status: number | null
  error: string | null
  faults: string[]
}

/** What the relayer did or saw on a chain. */
export interface RelayerEntry {
  type: 'relayer'
  seq: number
  at: string
  event: 'sent' | 'refused' | 'bundle-reverted' | 'dropped' | 'chain-reset' | 'chain-reorganized' | 'chain-unreachable'
  chain: string
  details: Record<string, unknown>
}

export type JournalEntry = Exchange | FaultEntry | Delivery | RelayerEntry
export type EntryType = JournalEntry['type']
type Unnumbered = { [T in EntryType]: Omit<Extract<JournalEntry, { type: T }>, 'seq' | 'at'> }[EntryType]

export type Journal = ReturnType<typeof openJournal>

/** Remembers the last `size` entries of each type. */
export function openJournal(size: number) {
  const entries: { [T in EntryType]: JournalEntry[] } = { exchange: [], fault: [], webhook: [], relayer: [] }
  let seq = 0

  return {
    write(entry: Unnumbered) {
      const list = entries[entry.type]
      list.push({ ...entry, seq: ++seq, at: new Date().toISOString() } as JournalEntry)
      // in steps, so that a long run does not shift the whole list for every entry
      if (list.length > size * 1.25) list.splice(0, list.length - size)
    },
    /** In order of happening; `since` leaves out what has that number or a lower one. */
    read({ type, since = 0 }: { type?: EntryType; since?: number } = {}): JournalEntry[] {
      const chosen = type ? entries[type] : Object.values(entries).flat()
      return chosen.filter((entry) => entry.seq > since).sort((a, b) => a.seq - b.seq)
    },
    clear() {
      for (const list of Object.values(entries)) list.length = 0
    },
  }
}
