import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a node misbehaves: writes whatever it wants for the request with this id. */
export type Fault = (response: ServerResponse, id: number) => void

export interface RpcDoor extends AsyncDisposable {
  url: string
  /** The methods that were asked for, in order. */
  asked: string[]
}

/** A door before a chain that counts what goes through. Requests for the methods in `faults` do not reach the chain. */
export async function rpcDoor(chainUrl: string, faults: Record<string, Fault> = {}): Promise<RpcDoor> {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { id, method } = JSON.parse(body)
    asked.push(method)
    const fault = faults[method]
    if (fault) return fault(response, id)
    const answer = await fetch(chainUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
