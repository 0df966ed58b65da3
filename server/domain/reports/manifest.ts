import * as z from 'zod'
import type { Checkpoint } from '../../contract/audit.ts'
import { checkpointShape } from '../../schemas/audit.ts'
import type { FileSeal } from '../audit/export-format.ts'
import type { AuditKey, PublicKeys } from '../audit/keys.ts'
import { signatureFault, signDocument } from '../audit/signed-document.ts'
import { type ReportKind, reportKinds } from './kinds.ts'

/** What a file of a report is. */
export interface ReportFileSeal extends FileSeal {
  /** Of its table or tables; null where it has none. */
  rows: number | null
}

/** What a report is, and the hash of each of its files; signed as an export of the audit log is. */
export interface ReportManifest {
  v: 1
  report: string
  app: string
  appName: string
  /** The period: from the first moment to before the second, in UTC. */
  from: string
  to: string
  kinds: ReportKind[]
  /** Who asked for it, as the audit trail names them. */
  requestedBy: string
  generatedAt: string
  /** The versions of the app's policy that decisions of the period were made on; 0 is none. */
  policyVersions: number[]
  /** The last of the audit log when the report was read; null if nothing was sealed yet. */
  checkpoint: Checkpoint | null
  files: Record<string, ReportFileSeal>
  /** Public keys by their ids, to be compared with those one was given; nobody should believe them from here. */
  publicKeys: Record<string, string>
  key: string
  signature: string
}

/** The form of a manifest that comes from outside. */
export const manifestForm = z.strictObject({
  v: z.literal(1),
  report: z.uuid(),
  app: z.uuid(),
  appName: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  kinds: z.array(z.enum(reportKinds)),
  requestedBy: z.string(),
  generatedAt: z.iso.datetime(),
  policyVersions: z.array(z.int()),
  checkpoint: checkpointShape.strict().nullable(),
  files: z.record(
    z.string().regex(/^[a-z-]+\.(csv|json|html)$/),
    z.strictObject({ bytes: z.int().min(0), sha256: z.hex().length(64), rows: z.int().min(0).nullable() }),
  ),
  publicKeys: z.record(z.string(), z.string()),
  key: z.string(),
  signature: z.hex().length(128),
}) satisfies z.ZodType<ReportManifest>

/** A manifest as it is written, always the same. */
export const textOfManifest = (manifest: ReportManifest): string => `${JSON.stringify(manifest, null, 2)}\n`

const about = 'report'

export const signManifest = (manifest: Omit<ReportManifest, 'key' | 'signature'>, key: AuditKey): ReportManifest =>
  signDocument(about, manifest, key)

/** What is wrong with the signature of a manifest; null when it is good. */
export const manifestFault = (manifest: ReportManifest, keys: PublicKeys): string | null =>
  signatureFault(about, manifest, keys)
