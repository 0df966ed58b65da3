/** What a report is about. */
export type ReportKind =
  | 'decisions'
  | 'refusals'
  | 'reviews'
  | 'list-changes'
  | 'privileged-actions'
  | 'payments-by-jurisdiction'

export type ReportState = 'requested' | 'ready' | 'failed' | 'expired'

/** A file of a report, as its manifest has it. */
export type ReportFile = {
  /** Such as `decisions.csv`; `report.html` is the page to print, `manifest.json` says what the others are. */
  name: string
  bytes: number
  /** In hex. */
  sha256: string
  /** Of its table or tables; null where it has none. */
  rows: number | null
}

/** What happened in an app from one moment to before another, as files that are signed together. */
export type Report = {
  id: string
  kinds: ReportKind[]
  from: Date
  to: Date
  /** `monthly`: made by the clock; null: asked for. */
  schedule: string | null
  state: ReportState
  /** Who asked for it, such as `user:…`. */
  requestedBy: string
  /** Why it could not be made. */
  failure: string | null
  /** The versions of the policy that decisions of that time were made on; null before it is ready. */
  policyVersions: number[] | null
  /** Of a report that is ready. */
  files: ReportFile[]
  createdAt: Date
  finishedAt: Date | null
}

/** A report as it was asked for, and whether this answer repeats an earlier one, by its idempotency key. */
export type RequestedReport = Report & { replayed: boolean }

/** A part of a file of a report. All parts put together are the file, and have its hash. */
export type ReportText = {
  name: string
  mediaType: string
  /** 1, 2, 3 … */
  part: number
  parts: number
  text: string
}

/** What may be kept from deletion. */
export type HeldObject = 'app' | 'user' | 'wallet' | 'payment' | 'report'

/** A legal hold: of what it is on, nothing is deleted, however old. */
export type Hold = {
  id: string
  objectType: HeldObject
  objectId: string
  reason: string
  /** Such as `user:…`. */
  placedBy: string
  createdAt: Date
  /** Null while it stands. */
  releasedAt: Date | null
}

export type PlacedHold = Hold & { replayed: boolean }
