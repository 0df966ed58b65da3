import type { AuditProof, Checkpoint } from '@provider-service/client'

// What the service says of its trail, checked by this browser: it needs the service's word for none of it but for the public key.

/** What was found of a record. */
export interface Verified {
  /** Whether its hash is that of its bytes. */
  hash: boolean
  /** Whether its place in the signed log is proven; null while it is not sealed. */
  included: boolean | null
  /** Whether a key that this shop knows has signed the checkpoint; null if none is known or the browser cannot tell. */
  signed: boolean | null
}

/** @param keys public keys of the service by id, 32 bytes in base64url */
export async function verifyRecord(
  { leaf, seal }: AuditProof,
  keys: Readonly<Record<string, string>>,
): Promise<Verified> {
  const hash = await leafHash(leaf.body)
  return {
    hash: hex(hash) === leaf.hash,
    included: seal && (await isIncluded(hash, seal.index, seal.checkpoint, seal.path.map(bytes))),
    signed: seal && (await isSigned(seal.checkpoint, keys[seal.checkpoint.key])),
  }
}

/** SHA-256 of a zero byte and the record's bytes. */
export const leafHash = (body: string): Promise<Uint8Array> => sha256(Uint8Array.of(0), new TextEncoder().encode(body))

/** Whether a record is at `index` of a log with this size and root, by its path (RFC 9162, 2.1.3.2). */
async function isIncluded(
  leaf: Uint8Array,
  index: number,
  { size, root }: Checkpoint,
  path: readonly Uint8Array[],
): Promise<boolean> {
  if (index < 0 || index >= size) return false
  let [at, last, node] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      node = await sha256(Uint8Array.of(1), sibling, node)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else node = await sha256(Uint8Array.of(1), node, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && hex(node) === root
}

/** Whether an Ed25519 key has signed a checkpoint: everything else in it and what it is about, as canonical JSON. */
async function isSigned({ signature, ...said }: Checkpoint, key: string | undefined): Promise<boolean | null> {
  if (!key) return null
  const about = { about: 'provider-service audit checkpoint', ...said }
  // numbers and plain text alone: sorted by their names, they are canonical
  const canonical = JSON.stringify(about, Object.keys(about).toSorted())
  try {
    const imported = await crypto.subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', x: key }, 'Ed25519', false, [
      'verify',
    ])
    return await crypto.subtle.verify('Ed25519', imported, bytes(signature), new TextEncoder().encode(canonical))
  } catch {
    return null
  }
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined))
}

const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
