import { type Request, type RequestHandler, type Response, raw } from 'express'
import { networkOf } from '../auth/rate-limits.ts'
import type { NamedRequest } from '../context.ts'
import { heardOfAttestation } from '../domain/compliance/heard-of-attestation.ts'
import { AttestationsUnavailable } from '../gateways/attestations.ts'
import { readCallback } from '../gateways/chainsettle/read-callback.ts'
import { type CallbackVerdict, signatureHeader, verifyCallback } from '../gateways/chainsettle/verify-callback.ts'
import type { Services } from '../services.ts'

/** Real ones are about 100 bytes. */
const LIMIT = 16 * 1024

/**
 * `POST /webhooks/chainsettle`: something may have changed about a settlement. Whatever it says, it makes us read again, and nothing else.
 *
 * With keys only what is signed with one of them is taken. Without, anybody's is, as often as one network may call.
 *
 * 200 read again, or no such settlement · 400 no callback · 401 not signed as it must be · 413 over 16 kB · 429 too often · 503 the
 * registries do not answer
 */
export function chainsettleCallback(services: Services, keys: readonly Buffer[]): RequestHandler[] {
  const receive = async (request: Request, response: Response): Promise<void> => {
    const { requestId } = request as unknown as NamedRequest
    const answer = (status: number, outcome: string, body: object) => {
      services.metrics.webhooks.inc({ provider: 'chainsettle', outcome })
      services.log[status < 400 ? 'debug' : 'warn']({ requestId, outcome }, 'callback about a settlement')
      response.status(status).json(body)
    }
    const refuse = (status: number, error: string, message: string) => answer(status, error, { error, message })

    const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    if (keys.length > 0) {
      const verdict = verdictOf(body, request.get(signatureHeader), keys, services.clock.now())
      if (!verdict.ok) return refuse(401, verdict.reason, because[verdict.reason])
    } else await services.rateLimits.consume('write', `ip:${networkOf(request.ip ?? '')}`)

    const callback = readCallback(body)
    if (!callback) return refuse(400, 'unreadable', 'The body is no callback: {"id_hash":"…"} with 64 hex digits.')
    try {
      const known = await heardOfAttestation(services, callback.idHash)
      answer(200, known ? 'known' : 'unknown', { known })
    } catch (error) {
      if (!(error instanceof AttestationsUnavailable)) throw error
      refuse(503, 'unavailable', 'The registries do not answer right now. Send the callback again.')
    }
  }
  return [raw({ type: () => true, limit: LIMIT }), receive]
}

type Refusal = Extract<CallbackVerdict, { ok: false }>['reason']

const because: Record<Refusal, string> = {
  not_signed: `The header ${signatureHeader} is needed: t=SECONDS,v1=HEX.`,
  bad_timestamp: 'The time of the signature is not a time in seconds.',
  too_old: 'The time of the signature is more than 300 seconds from now.',
  bad_signature: 'No signature is ours. Check the secret on both sides.',
}

/** By whichever key it was signed; if by none, what is wrong with the last one's. */
function verdictOf(body: Buffer, signature: string | undefined, keys: readonly Buffer[], now: Date): CallbackVerdict {
  const verdicts = keys.map((key) => verifyCallback(body, signature, key, now))
  return verdicts.find(({ ok }) => ok) ?? verdicts.at(-1)!
}
