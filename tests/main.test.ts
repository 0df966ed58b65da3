import { Agent, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environmentOf, nowhere } from './http/support/instance.ts'
import { listening, start } from './http/support/run.ts'
import { emptyDatabase } from './support/database.ts'
import { eventually } from './support/eventually.ts'
import { testWorld, type World } from './support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const main = (environment: Record<string, string> = {}) =>
  start('server/main.ts', [], { ...environmentOf(world, nowhere), ...environment })

test('an unreachable database: it starts, lives, and says that it is not ready', async () => {
  await using service = main({ DATABASE_URL: 'postgres://nobody:pw-canary@127.0.0.1:9/none' })
  const url = await listening(service)

  expect((await fetch(`${url}/health/live`)).status).toBe(200)
  const ready = await fetch(`${url}/health/ready`)
  expect(ready.status).toBe(503)
  const { checks } = (await ready.json()) as { checks: { name: string; ready: boolean; message?: string }[] }
  expect(checks.find(({ name }) => name === 'database')).toMatchObject({ ready: false, message: expect.any(String) })
  expect(checks.find(({ name }) => name === 'chain eip155:43113')).toEqual({ name: 'chain eip155:43113', ready: true })

  service.child.kill('SIGTERM')
  expect((await service.ended).code).toBe(0)
  expect(service.output()).not.toContain('pw-canary')
})

test('a database without its migrations: it refuses to start, and says what to run', async () => {
  await using database = await emptyDatabase()
  await using service = main({ DATABASE_URL: database.applicationUrl })
  const { code, stdout } = await service.ended
  expect(code).toBe(1)
  expect(stdout).toContain('npm run provider -- migrate')
})

test('a node of another chain than CHAINS says: it refuses to start, and says which', async () => {
  const chains = [{ chainId: 99, rpcUrl: [nowhere, world.chain.url] }]
  await using service = main({ CHAINS: JSON.stringify(chains) })
  const { code, stdout } = await service.ended
  expect(code).toBe(1)
  expect(stdout).toContain('Node 2 of chain 99 is one of chain 43113')
})

test('a port in use: it refuses to start, and says so', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  await using service = main({ PORT: String((other.address() as AddressInfo).port) })
  const { code, stdout } = await service.ended
  expect(code).toBe(1)
  expect(stdout).toContain('EADDRINUSE')
  other.close()
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: requests at hand are answered, new ones are not taken, exit 0',
  async (signal) => {
    await using service = main()
    const url = await listening(service)
    await using lock = await lockedTable(world.database.adminUrl, 'api_key')
    const atHand = get(`${url}/trpc/wallets.list?input=${encodeURIComponent('{"json":{}}')}`)
    await lock.waitedFor()

    service.child.kill(signal)
    await eventually(() => expect(service.output()).toContain('draining'))
    await expect(fetch(`${url}/health/live`)).rejects.toThrow()
    await lock.release()

    expect(await atHand).toMatchObject({
      status: 200,
      body: '{"result":{"data":{"json":{"items":[],"nextCursor":null}}}}',
    })
    const { code, signal: killedBy } = await service.ended
    expect({ code, killedBy }).toEqual({ code: 0, killedBy: null })
  },
)

/** Asks over a connection that is kept alive, as load balancers do. */
function get(url: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${world.apiKey}` }
    const request = httpRequest(url, { headers, agent: new Agent({ keepAlive: true }) }, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ status: response.statusCode!, body })
    })
    request.on('error', reject)
    request.end()
  })
}

/** Holds a table so that whoever reads it waits. */
async function lockedTable(adminUrl: string, table: string) {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  await client.query(`begin; lock table ${table} in access exclusive mode`)
  return {
    waitedFor: () =>
      eventually(async () => {
        const { rows } = await client.query(
          `select 1 from pg_locks where not granted and relation = '${table}'::regclass`,
        )
        expect(rows).toHaveLength(1)
      }),
    release: () => client.query('commit'),
    [Symbol.asyncDispose]: () => client.end(),
  }
}
