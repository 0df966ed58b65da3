import { lookup as systemLookup } from 'node:dns/promises'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isPublicAddress } from './is-public-address.ts'
import { refuseTarget, type Targets } from './refuse-target.ts'

/** Something to be sent by POST. */
export interface Post {
  url: string
  headers: Record<string, string>
  body: string
}

/** Any request. */
export interface OutboundRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: string | null
  /** Bytes that are read of the answer. */
  most: number
}

/** What was answered to one, as far as it was read: `truncated` tells that there was more, or that it ended in the middle. */
export interface OutboundAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
  truncated: boolean
}

/** What was answered: the status, and the beginning of the body as text. */
export interface PostAnswer {
  status: number
  excerpt: string
}

/** How a request ended without an answer: a closed set of words, safe to show. */
export type PostFailure = 'target_refused' | 'not_found' | 'timeout' | 'reset' | 'refused' | 'tls' | 'unreachable'

/** Nothing was answered. `target_refused`: nothing was sent either. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly reason: PostFailure

  constructor(reason: PostFailure, cause?: unknown) {
    super(`no answer: ${reason}`, { cause })
    this.reason = reason
  }
}

/** Sends requests to URLs that others chose. */
export interface Outbound {
  /** Says why nothing is sent there, or null. */
  refuse(url: string): string | null
  /** Sends once; follows no redirect. @throws NoAnswer */
  post(post: Post): Promise<PostAnswer>
  /** Sends once, on a connection of its own, so that nothing is ever sent twice; follows no redirect. @throws NoAnswer */
  request(request: OutboundRequest): Promise<OutboundAnswer>
  close(): void
}

export interface OutboundOptions {
  targets: Targets
  /** Milliseconds for the whole of a request. */
  timeout: number
  /** The addresses of a host. */
  resolve?: (host: string) => Promise<{ address: string; family: number }[]>
  /** Certificates that are believed beside the usual ones. */
  ca?: string
}

interface Sending<Answer> {
  signal: AbortSignal
  /** On a connection of its own, which nobody can have closed before. */
  once?: boolean
  read(response: IncomingMessage): Promise<Answer>
}

/** Bytes that are read of an answer. */
const EXCERPT = 2_000

const bySystem: NonNullable<OutboundOptions['resolve']> = (host) => systemLookup(host, { all: true })

/**
 * Requests to URLs that others chose reach public addresses alone: a name is resolved once, every address it has is checked, and
 * the connection goes to a checked one, so that a name that stands for something else a moment later changes nothing. Host and
 * certificate stay those of the name.
 */
export function createOutbound({ targets, timeout, resolve = bySystem, ca }: OutboundOptions): Outbound {
  const lookup: LookupFunction = (host, options, done) => {
    resolve(host).then(
      (addresses) => {
        const allowed = targets === 'any' || addresses.every(({ address }) => isPublicAddress(address))
        const [first] = addresses
        if (!first) return done(new NoAnswer('not_found'), '')
        if (!allowed) return done(new NoAnswer('target_refused'), '')
        if (options.all) done(null, addresses)
        else done(null, first.address, first.family)
      },
      (error) => done(error as NodeJS.ErrnoException, ''),
    )
  }
  const options = { keepAlive: true, lookup }
  const agents = { http: new HttpAgent(options), https: new HttpsAgent({ ...options, ...(ca && { ca }) }) }

  function send<Answer>(
    { method, url: text, headers, body }: Omit<OutboundRequest, 'most'>,
    { signal, once = false, read }: Sending<Answer>,
  ): Promise<Answer> {
    const url = new URL(text)
    const secure = url.protocol === 'https:'
    return new Promise((answer, fail) => {
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method,
        ...(once ? { agent: false, lookup, ...(ca && { ca }) } : { agent: secure ? agents.https : agents.http }),
        signal,
        headers: { ...headers, ...(body !== null && { 'content-length': Buffer.byteLength(body) }) },
      })
      request.once('socket', (socket) => {
        // whoever resolved what: here it is where the bytes would go
        const check = () => {
          const { remoteAddress } = socket
          if (targets === 'public' && !(remoteAddress && isPublicAddress(remoteAddress)))
            request.destroy(new NoAnswer('target_refused'))
        }
        if (socket.connecting) socket.once('connect', check)
        else check()
      })
      let answered = false
      request.once('response', (response) => {
        answered = true
        read(response).then(answer, fail)
      })
      request.on('error', (error) => {
        if (answered) return // the status says it, however its body ends
        // the other end had closed a connection that was kept: nothing of this request was answered, and a new one may be
        if (request.reusedSocket && isReset(error) && !signal.aborted)
          answer(send({ method, url: text, headers, body }, { signal, once, read }))
        else fail(error)
      })
      // some ends come without an error, as after an answer that speaks another protocol from then on
      request.once('close', () => {
        if (!answered) fail(new NoAnswer('reset'))
      })
      request.end(body ?? undefined)
    })
  }

  async function sendTo<Answer>(
    request: Omit<OutboundRequest, 'most'>,
    sending: Omit<Sending<Answer>, 'signal'>,
  ): Promise<Answer> {
    if (refuseTarget(request.url, targets)) throw new NoAnswer('target_refused')
    const signal = AbortSignal.timeout(timeout)
    try {
      return await send(request, { ...sending, signal })
    } catch (error) {
      throw error instanceof NoAnswer ? error : new NoAnswer(failureOf(error as NodeJS.ErrnoException, signal), error)
    }
  }

  return {
    refuse: (url) => refuseTarget(url, targets),
    post: (post) =>
      sendTo(
        { ...post, method: 'POST' },
        { read: async (response) => ({ status: response.statusCode!, excerpt: await excerptOf(response) }) },
      ),
    request: ({ most, ...request }) => sendTo(request, { once: true, read: (response) => answerOf(response, most) }),
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

async function excerptOf(response: IncomingMessage): Promise<string> {
  const { body } = await beginningOf(response, EXCERPT)
  return body.toString().replaceAll(/[^\P{Cc}\n\t]/gu, ' ')
}

async function answerOf(response: IncomingMessage, most: number): Promise<OutboundAnswer> {
  const headers = Object.entries(response.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  )
  return {
    status: response.statusCode!,
    headers: Object.fromEntries(headers),
    ...(await beginningOf(response, most)),
  }
}

/** Reads the beginning of an answer, as much as comes; the rest of a longer one is not waited for. */
function beginningOf(response: IncomingMessage, most: number): Promise<{ body: Buffer; truncated: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > most) response.destroy()
    })
    response.once('error', () => {})
    response.once('close', () =>
      resolve({ body: Buffer.concat(chunks).subarray(0, most), truncated: bytes > most || !response.complete }),
    )
  })
}

const isReset = ({ code }: NodeJS.ErrnoException) => code === 'ECONNRESET' || code === 'EPIPE'

function failureOf({ code = '' }: NodeJS.ErrnoException, signal: AbortSignal): PostFailure {
  if (signal.aborted || code === 'ETIMEDOUT') return 'timeout'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'not_found'
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_')) return 'reset'
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code) ? 'tls' : 'unreachable'
}
