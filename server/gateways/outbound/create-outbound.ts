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

  function send({ url: text, headers, body }: Post, signal: AbortSignal): Promise<PostAnswer> {
    const url = new URL(text)
    const secure = url.protocol === 'https:'
    return new Promise((answer, fail) => {
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: secure ? agents.https : agents.http,
        signal,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
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
        void excerptOf(response).then((excerpt) => answer({ status: response.statusCode!, excerpt }))
      })
      request.on('error', (error) => {
        if (answered) return // the status says it, however its body ends
        // the other end had closed a connection that was kept: nothing of this request was answered, and a new one may be
        if (request.reusedSocket && isReset(error) && !signal.aborted)
          answer(send({ url: text, headers, body }, signal))
        else fail(error)
      })
      // some ends come without an error, as after an answer that speaks another protocol from then on
      request.once('close', () => {
        if (!answered) fail(new NoAnswer('reset'))
      })
      request.end(body)
    })
  }

  return {
    refuse: (url) => refuseTarget(url, targets),
    async post(post) {
      if (refuseTarget(post.url, targets)) throw new NoAnswer('target_refused')
      const signal = AbortSignal.timeout(timeout)
      try {
        return await send(post, signal)
      } catch (error) {
        throw error instanceof NoAnswer ? error : new NoAnswer(failureOf(error as NodeJS.ErrnoException, signal), error)
      }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** Reads the beginning of an answer, as much as comes; the rest of a longer one is not waited for. */
function excerptOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const end = () => {
      const text = Buffer.concat(chunks).subarray(0, EXCERPT).toString()
      resolve(text.replaceAll(/[^\P{Cc}\n\t]/gu, ' '))
    }
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > EXCERPT) response.destroy()
    })
    response.once('error', () => {})
    response.once('close', end)
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
