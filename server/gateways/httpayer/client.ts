import type * as z from 'zod'
import { type ApiAnswer, type ApiRequest, MOST_OF_AN_ANSWER } from '../api-buyer.ts'
import { createOutbound, type OutboundAnswer } from '../outbound/create-outbound.ts'
import { simulated, webhookStatus } from './schemas.ts'

export interface HttpayerOptions {
  /** `https://api.httpayer.com`, without a path. */
  url: string
  apiKey: string
  /** Milliseconds that a paid API has to answer; HTTPayer waits for 120,000 at most. */
  timeout: number
}

/** HTTPayer said what its documentation does not. */
export class HttpayerUnreadable extends Error {
  override readonly name = 'HttpayerUnreadable'
}

/** HTTPayer did not do what was asked, and says so. */
export class HttpayerRefused extends Error {
  override readonly name = 'HttpayerRefused'
  readonly status: number

  constructor(status: number) {
    super(`HTTPayer answered ${status}`)
    this.status = status
  }
}

/** Calls of HTTPayer. Its key goes to its own host, and nowhere else; nothing is sent twice. All throw NoAnswer where there is none. */
export interface HttpayerClient {
  /** `POST /proxy`: calls the API and pays for it from our credits. The answer is the API's own, or a refusal of HTTPayer's. */
  proxy(request: ApiRequest): Promise<ApiAnswer>
  /** `POST /proxy/sim`: what that would cost. @throws HttpayerRefused, HttpayerUnreadable, as all of the following */
  simulateProxy(request: ApiRequest): Promise<z.output<typeof simulated>>
  /** `GET /webhooks/{id}`: what became of a call that ended without an answer. Null: it knows nothing of it. */
  status(id: string): Promise<z.output<typeof webhookStatus> | null>
}

/** Milliseconds that are waited for HTTPayer beyond what the API itself has. */
const graceOf = (timeout: number) => Math.min(5_000, timeout / 2)

export function createHttpayerClient({ url, apiKey, timeout }: HttpayerOptions): HttpayerClient & { close(): void } {
  // its address is ours to name: it may be within our network
  const outbound = createOutbound({ targets: 'any', timeout: timeout + graceOf(timeout) })
  const authorized = { 'x-api-key': apiKey }

  const send = (method: 'GET' | 'POST', path: string, headers: Record<string, string>, body: unknown = null) =>
    outbound.request({
      method,
      url: new URL(path, url).href,
      headers: { accept: 'application/json', ...headers, ...(body !== null && { 'content-type': 'application/json' }) },
      body: body === null ? null : JSON.stringify(body),
      most: MOST_OF_AN_ANSWER,
    })
  const forwarded = (path: string, request: ApiRequest) =>
    send('POST', path, { ...authorized, 'x-timeout': String(timeout) }, bodyOf(request))

  async function read<Schema extends z.ZodType>(
    schema: Schema,
    answering: Promise<OutboundAnswer>,
    known: readonly number[] = [200],
  ): Promise<z.output<Schema>> {
    const { status, body } = await answering
    if (!known.includes(status)) throw new HttpayerRefused(status)
    const parsed = schema.safeParse(parse(body))
    if (!parsed.success) throw new HttpayerUnreadable(`HTTPayer answered ${status} with something else than documented`)
    return parsed.data
  }

  return {
    proxy: (request) => forwarded('/proxy', request),
    simulateProxy: (request) => read(simulated, forwarded('/proxy/sim', request)),
    async status(id) {
      try {
        const path = `/webhooks/${encodeURIComponent(id)}`
        return await read(webhookStatus, send('GET', path, authorized), [200, 202, 500])
      } catch (error) {
        if (error instanceof HttpayerRefused && error.status === 404) return null
        throw error
      }
    },
    close: () => outbound.close(),
  }
}

/** A call of an API in HTTPayer's words: JSON as JSON, any other body as it is. */
function bodyOf({ url, method, headers, body }: ApiRequest): object {
  const json = /^application\/(\w+\+)?json\b/i.test(headerOf(headers, 'content-type') ?? '')
    ? parse(body ?? '')
    : undefined
  const data = body === null ? {} : json === undefined ? { data: body } : { json }
  return { api_url: url, method, headers, ...data }
}

const headerOf = (headers: Readonly<Record<string, string>>, name: string) =>
  Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1]

export function parse(text: Buffer | string): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}
