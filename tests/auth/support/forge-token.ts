import { createPrivateKey, type KeyObject } from 'node:crypto'
import { CompactSign, type JWTPayload } from 'jose'

/** The private key of a token seed. */
export const privateKeyOf = (seed: Buffer): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })

/** Signs whatever it is given as a token, which need not be one. */
export const forgeToken = (
  header: { alg: string; [name: string]: unknown },
  payload: JWTPayload | string,
  key: KeyObject | Uint8Array,
): Promise<string> =>
  new CompactSign(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)))
    .setProtectedHeader(header)
    .sign(key, { crit: { 'https://example.com/rule': true } })

/** Any JSON as a part of a token. */
export const partOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
