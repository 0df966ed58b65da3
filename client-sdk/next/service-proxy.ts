import { forwardedHeaders } from './forwarded-headers.ts'
import { sessionCookiesSetBy } from './session-cookie.ts'

export interface ServiceProxyOptions {
  /** Where the service is, as this server reaches it: `http://provider.internal:4000`. */
  url: string
}

/** A route handler, as Next and everything else built on web requests take it. */
export type RouteHandler = (request: Request) => Promise<Response>

/** What the service decides by. `Authorization` goes along only as a bearer: a password that guards your pages is not for the service. */
const asked = [
  'accept',
  'content-type',
  'last-event-id',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'trpc-accept',
  'x-forwarded-for',
  'x-request-id',
]
const answered = ['cache-control', 'content-type', 'retry-after', 'vary', 'x-accel-buffering', 'x-request-id']

/** Procedures, one or a batch of them, however deep the handler lies. Nothing else of the service is reached. */
const procedures = /\/trpc\/(\w[\w.]*(?:(?:,|%2C)\w[\w.]*)*)$/i

/**
 * Route handlers that pass the calls of your pages on to the service, so that they are calls to your own origin: no CORS, and the session
 * cookie is your origin's. Events stream through as they come, and end with whoever reads them.
 *
 * The service judges each call by the page that it came from (`Origin`, `Sec-Fetch-Site`), which are passed on as they are: your app's
 * origin must be one of the app's `origins` there. Of cookies only the service's own pass, in both ways.
 *
 * `X-Forwarded-For` is passed on as it came: let the balancer before your app add the caller's address to it, and tell the service how
 * many proxies to believe (`TRUSTED_PROXIES=1` when it sees your app's own address before that header). Without, all your visitors are one caller to
 * the limits on signing in. If nothing stands before your app, visitors write that header themselves: leave it at 0 then.
 *
 * @example
 * // app/api/provider/[...path]/route.ts; the browser's client has `url: '/api/provider'`
 * import { serviceProxy } from '@provider-service/client/next'
 *
 * export const { GET, POST } = serviceProxy({ url: process.env.PROVIDER_URL! })
 */
export function serviceProxy({ url }: ServiceProxyOptions): { GET: RouteHandler; POST: RouteHandler } {
  const service = url.replace(/\/+$/, '')
  const pass: RouteHandler = async (request) => {
    const { pathname, search } = new URL(request.url)
    const names = procedures.exec(pathname)?.[1]
    if (names === undefined)
      return plain(404, 'Here are the procedures of the service, under …/trpc/, and nothing else.')
    const headers = forwardedHeaders(request.headers, asked)
    const authorization = request.headers.get('authorization')
    if (authorization?.startsWith('Bearer ')) headers.set('authorization', authorization)
    const { method, body, signal } = request
    try {
      const answer = await fetch(`${service}/trpc/${names}${search}`, {
        method,
        headers,
        signal,
        body,
        // a body is passed on while it comes, so that no size of it is ever held here
        ...(body && { duplex: 'half' }),
        cache: 'no-store',
        redirect: 'manual',
      } as RequestInit)
      if (answer.type === 'opaqueredirect' || (answer.status >= 300 && answer.status < 400)) {
        await answer.body?.cancel()
        return plain(502, 'The service is not where it is looked for: something answers there with a redirection.')
      }
      return new Response(answer.body, { status: answer.status, headers: headersOf(answer) })
    } catch (error) {
      if (signal.aborted) throw error
      return plain(502, 'The service does not answer.')
    }
  }
  return { GET: pass, POST: pass }
}

function headersOf(answer: Response): Headers {
  const headers = new Headers()
  for (const name of answered) {
    const value = answer.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  for (const cookie of sessionCookiesSetBy(answer.headers)) headers.append('set-cookie', cookie)
  return headers
}

const plain = (status: number, text: string) =>
  new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } })
