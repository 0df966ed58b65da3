import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PeerRequest {
  method: string
  /** With its query. */
  path: string
  headers: IncomingHttpHeaders
  body: unknown
}

/** What the peer does with a request: answers it, or what a broken network would do. */
export type PeerAnswer =
  | { status: number; body?: unknown; text?: string; headers?: Record<string, string> }
  | 'drop' // closes the connection without an answer
  | 'hang' // never answers
  | 'truncate' // closes the connection in the middle of the answer
  | 'stall' // stops in the middle of the answer

export interface Peer extends AsyncDisposable {
  /** With `/api`, as the gateway wants it. */
  url: string
  /** Everything it was asked, in order. */
  requests: PeerRequest[]
}

/** An HTTP server that answers by what the test wrote. The function gets the request and how many came before it. */
export async function startPeer(answer: (request: PeerRequest, before: number) => PeerAnswer): Promise<Peer> {
  const requests: PeerRequest[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const request: PeerRequest = {
      method: incoming.method!,
      path: incoming.url!,
      headers: incoming.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    requests.push(request)
    reply(outgoing, answer(request, requests.length - 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function reply(outgoing: ServerResponse, answer: PeerAnswer): void {
  if (answer === 'hang') return
  if (answer === 'drop') {
    outgoing.destroy()
    return
  }
  if (answer === 'truncate' || answer === 'stall') {
    outgoing.writeHead(201, { 'content-type': 'application/json', 'content-length': 1000 })
    outgoing.write('{"id":"b98', () => answer === 'truncate' && outgoing.destroy())
    return
  }
  outgoing.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
  outgoing.end(answer.text ?? JSON.stringify(answer.body ?? {}))
}
