import type { z } from 'zod'
import { ProviderError, type ProviderOutcome } from '../wallet-provider.ts'
import { type Clock, wait } from './clock.ts'
import { type Effect, errorOfAnswer, errorOfLostAnswer, lostOutcome } from './errors.ts'
import { createHttpSender, type HttpAnswer } from './http.ts'
import type { TokenBucket } from './token-bucket.ts'

/** One HTTP request that ended, for metrics and logs. Carries no secret, no address and no amount. */
export interface RequestReport {
  operation: string
  /** HTTP status; null when no answer came. */
  status: number | null
  milliseconds: number
  outcome: 'ok' | ProviderOutcome
}

export interface Request<Schema extends z.ZodType> {
  operation: string
  method: 'GET' | 'POST'
  /** Below the base URL, its parts already encoded. */
  path: string
  query?: Readonly<Record<string, string | undefined>>
  body?: unknown
  idempotencyKey?: string
  answer: Schema
  /** The tokens were taken before, by an earlier request that had to be followed by this one. */
  prepaid?: boolean
}

export interface TransportOptions {
  baseUrl: string
  apiKey: string
  /** Milliseconds for one request, connection and body included. */
  timeout: number
  /** Milliseconds a request may wait for its turn, or on a 429, before it is given up as `unavailable`. */
  maximumWait: number
  writes: TokenBucket
  reads: TokenBucket
  clock: Clock
  signal: AbortSignal | undefined
  onRequest: ((report: RequestReport) => void) | undefined
}

export interface Transport {
  /** @throws ProviderError */
  send<Schema extends z.ZodType>(request: Request<Schema>): Promise<z.output<Schema>>
}

/** One more try after a 429, then the caller's own schedule takes over. */
const triesWhenRateLimited = 2

export function createTransport(options: TransportOptions): Transport {
  const { apiKey, clock, maximumWait, onRequest, reads, signal, timeout, writes } = options
  const sendHttp = createHttpSender()
  const base = options.baseUrl.replace(/\/+$/, '')

  async function send<Schema extends z.ZodType>(request: Request<Schema>): Promise<z.output<Schema>> {
    const bucket = request.method === 'GET' ? reads : writes
    if (!request.prepaid) await bucket.take(1, { maximumWait, ...(signal && { signal }) })
    for (let attempt = 1; ; attempt++) {
      try {
        return await sendOnce(request)
      } catch (error) {
        if (!(error instanceof ProviderError) || error.reason !== 'rate_limited') throw error
        const pause = error.retryAfter!
        bucket.pause(pause)
        if (attempt === triesWhenRateLimited || pause > maximumWait) throw error
        await rest(pause)
      }
    }
  }

  async function rest(milliseconds: number) {
    try {
      await wait(clock, milliseconds, signal)
    } catch (cause) {
      throw new ProviderError('unavailable', 'stopped', 'The service is stopping', { cause })
    }
  }

  async function sendOnce<Schema extends z.ZodType>(request: Request<Schema>): Promise<z.output<Schema>> {
    const started = clock.now()
    let status: number | null = null
    let outcome: RequestReport['outcome'] = 'ok'
    try {
      const response = await exchange(request)
      status = response.status
      return response.read()
    } catch (error) {
      outcome = error instanceof ProviderError ? error.outcome : 'unknown'
      throw error
    } finally {
      onRequest?.({ operation: request.operation, status, milliseconds: clock.now() - started, outcome })
    }
  }

  async function exchange<Schema extends z.ZodType>(
    request: Request<Schema>,
  ): Promise<{ status: number; read(): z.output<Schema> }> {
    const effect: Effect = request.method === 'GET' ? 'read' : 'write'
    const headers: Record<string, string> = { 'x-api-key': apiKey, accept: 'application/json' }
    if (request.body !== undefined) headers['content-type'] = 'application/json'
    if (request.idempotencyKey !== undefined) headers['x-idempotency-key'] = request.idempotencyKey

    let response: HttpAnswer
    try {
      response = await sendHttp({
        method: request.method,
        url: base + request.path + queryOf(request.query),
        headers,
        body: request.body === undefined ? null : JSON.stringify(request.body),
        timeout,
        signal,
      })
    } catch (cause) {
      throw errorOfLostAnswer(effect, cause)
    }
    const { status, text } = response
    return {
      status,
      read() {
        if (status < 200 || status >= 300) throw errorOfAnswer(effect, status, text, retryAfterOf(response))
        return parse(request, effect, text)
      },
    }
  }

  function parse<Schema extends z.ZodType>(request: Request<Schema>, effect: Effect, text: string): z.output<Schema> {
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch (cause) {
      throw new ProviderError(lostOutcome(effect), 'unreadable_answer', 'Crossmint answered without JSON', { cause })
    }
    const parsed = request.answer.safeParse(body)
    if (parsed.success) return parsed.data
    const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 5)
    throw new ProviderError(
      lostOutcome(effect),
      'unreadable_answer',
      `Crossmint's answer to ${request.operation} is not what we know: ${where.join(', ')}`,
    )
  }

  return { send }
}

/** Milliseconds. Crossmint documents no header, only a brief wait: 1 to 3 seconds, spread so that callers do not return together. */
function retryAfterOf({ headers, status }: HttpAnswer): number | null {
  const seconds = Number(headers['retry-after'] || Number.NaN)
  if (seconds >= 0) return Math.ceil(seconds * 1000) + Math.floor(Math.random() * 250)
  return status === 429 ? 1000 + Math.floor(Math.random() * 2000) : null
}

function queryOf(query: Request<z.ZodType>['query']): string {
  if (!query) return ''
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`
}
