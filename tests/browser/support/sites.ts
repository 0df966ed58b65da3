import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { selfSigned } from './certificate.ts'

/** A request of the browser that arrived at the service, and how it was answered. */
export interface Arrival {
  method: string
  path: string
  origin: string | null
  /** What the browser says of where it comes from and of what it is: `Sec-Fetch-Site` and `Sec-Fetch-Mode`. */
  site: string | null
  mode: string | null
  contentType: string | null
  hasCookie: boolean
  hasAuthorization: boolean
  status: number
}

/** Hosts that speak TLS on one port of this machine: one is the service, every other serves pages. */
export interface Sites extends AsyncDisposable {
  originOf(host: string): string
  /** Where the service is. Before this is said, it answers 502. */
  serviceIsAt(url: string): void
  /** Serves a page, and answers with its address. */
  page(host: string, html: string): string
  /** What arrived at the service so far. */
  arrivals: Arrival[]
}

/** Starts the sites; the service is at `service`, such as `api.shop.test`. Browsers must be told where these names are. */
export async function startSites(service: string): Promise<Sites> {
  const pages = new Map<string, string>()
  const arrivals: Arrival[] = []
  let upstream = 'http://127.0.0.1:9'

  const server = createServer(selfSigned(service), (request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    if (host === service) return forward(request, response)
    const html = pages.get(`${host}${request.url}`)
    response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(html ?? '')
  })

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
    const arrived = (status: number) =>
      arrivals.push({
        method,
        path: url.replace(/\?.*$/, ''),
        origin: headers.origin ?? null,
        site: headers['sec-fetch-site']?.toString() ?? null,
        mode: headers['sec-fetch-mode']?.toString() ?? null,
        contentType: headers['content-type'] ?? null,
        hasCookie: headers.cookie !== undefined,
        hasAuthorization: headers.authorization !== undefined,
        status,
      })
    const onward = httpRequest(`${upstream}${url}`, { method, headers }, (answer) => {
      const { statusCode = 502 } = answer
      arrived(statusCode)
      response.writeHead(statusCode, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.writeHead(502).end())
    request.pipe(onward)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const originOf = (host: string) => `https://${host}:${port}`
  return {
    originOf,
    serviceIsAt(url) {
      upstream = url
    },
    page(host, html) {
      const path = `/${pages.size}`
      pages.set(`${host}${path}`, `<!doctype html>${html}`)
      return `${originOf(host)}${path}`
    },
    arrivals,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
