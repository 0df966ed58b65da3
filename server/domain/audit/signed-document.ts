import { sign, verify } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { AuditKey, PublicKeys } from './keys.ts'

/** A document with the id of the key that signed it, and its Ed25519 signature in hex. */
export interface Signed {
  key: string
  signature: string
}

/** Signs a document. What it is about is part of what is signed: no document can be taken for one of another kind. */
export function signDocument<Document extends object>(
  about: string,
  document: Document,
  { id, privateKey }: AuditKey,
): Document & Signed {
  const said = { ...document, key: id }
  return { ...said, signature: sign(null, signedBytes(about, said), privateKey).toString('hex') }
}

/** What is wrong with the signature of a document; null when it is good. */
export function signatureFault(about: string, document: Signed, keys: PublicKeys): string | null {
  const key = keys.get(document.key)
  if (!key) return `it is signed with the key "${document.key}", whose public half was not given`
  return verify(null, signedBytes(about, document), key, Buffer.from(document.signature, 'hex'))
    ? null
    : 'its signature is not one of its key'
}

/** The bytes that a signature is over: everything else and what it is about, in canonical form (RFC 8785). */
export function signedBytes(about: string, document: object): Buffer {
  const { signature: _, ...said } = document as Signed
  return Buffer.from(canonicalize({ about: `provider-service ${about}`, ...said })!)
}
