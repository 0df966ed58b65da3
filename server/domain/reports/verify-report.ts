import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkpointFault } from '../audit/checkpoint.ts'
import type { FileSeal } from '../audit/export-format.ts'
import type { PublicKeys } from '../audit/keys.ts'
import type { LogFault } from '../audit/verify-log.ts'
import { manifestFault, manifestForm, type ReportManifest, textOfManifest } from './manifest.ts'

/** What a verification of a report found. */
export interface Verification {
  /** Null when it cannot be read. */
  manifest: ReportManifest | null
  faults: LogFault[]
}

/** Verifies a report by nothing but itself and public keys: the signatures, each file, and that there is no other file. */
export async function verifyReport(directory: string, keys: PublicKeys): Promise<Verification> {
  const faults: LogFault[] = []
  const faulty = (where: string, fault: string) => faults.push({ where, fault })
  const manifest = await readManifest(directory)
  if (typeof manifest === 'string') {
    faulty('manifest.json', manifest)
    return { manifest: null, faults }
  }
  const unsigned = manifestFault(manifest, keys)
  if (unsigned) faulty('manifest.json', unsigned)
  const { checkpoint, files } = manifest
  const unsealed = checkpoint && checkpointFault(checkpoint, keys)
  if (checkpoint && unsealed) faulty(`checkpoint ${checkpoint.number}`, unsealed)
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    const seal = await sealOf(join(directory, name))
    if (typeof seal === 'string') faulty(name, `it cannot be read (${seal})`)
    else if (seal.sha256 !== sha256 || seal.bytes !== bytes) faulty(name, 'it is not the file of the manifest')
  }
  for (const name of (await readdir(directory)).sort())
    if (name !== 'manifest.json' && !Object.hasOwn(files, name)) faulty(name, 'the manifest does not speak of it')
  return { manifest, faults }
}

/** The manifest, or what is wrong with it. */
async function readManifest(directory: string): Promise<ReportManifest | string> {
  try {
    const text = await readFile(join(directory, 'manifest.json'), 'utf8')
    const parsed = manifestForm.safeParse(JSON.parse(text))
    return parsed.success && textOfManifest(parsed.data) === text
      ? parsed.data
      : 'it does not have the form of a manifest'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code ? `it cannot be read (${code})` : 'it is not JSON'
  }
}

/** What a file is, or why it cannot be read. */
async function sealOf(path: string): Promise<FileSeal | string> {
  const digest = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      digest.update(chunk)
      bytes += chunk.length
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code) return code
    throw error
  }
  return { bytes, sha256: digest.digest('hex') }
}
