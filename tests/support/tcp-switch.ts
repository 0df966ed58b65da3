import { connect, createServer, type Socket } from 'node:net'

/** Stands before several instances, as a balancer does: each connection goes to the next of them. */
export interface TcpSwitch extends AsyncDisposable {
  url: string
  /** How many connections each instance was given. */
  given: number[]
  /** Breaks every connection that is open, and answers how many there were. */
  cut(): number
}

export async function tcpSwitch(targets: readonly string[]): Promise<TcpSwitch> {
  const open = new Set<Socket>()
  const given = targets.map(() => 0)
  let next = 0
  const server = createServer({ noDelay: true }, (client) => {
    const index = next++ % targets.length
    given[index]!++
    const instance = connect({ port: Number(new URL(targets[index]!).port), host: '127.0.0.1', noDelay: true })
    open.add(client)
    const end = () => {
      open.delete(client)
      client.destroy()
      instance.destroy()
    }
    for (const socket of [client, instance]) socket.on('error', end).on('close', end)
    client.pipe(instance).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    const count = open.size
    for (const client of open) client.resetAndDestroy()
    return count
  }
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    given,
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
