import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environmentOf, nowhere } from './http/support/instance.ts'
import { type Running, start } from './http/support/run.ts'
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

const listening = (service: Running) =>
  eventually(() => {
    const url = /"url":"(http:[^"]+)","msg":"listening"/.exec(service.output())?.[1]
    if (!url) throw new Error(`It does not listen:\n${service.output()}`)
    return url
  })

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

test('a port in use: it refuses to start, and says so', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  await using service = main({ PORT: String((other.address() as AddressInfo).port) })
  const { code, stdout } = await service.ended
  expect(code).toBe(1)
  expect(stdout).toContain('EADDRINUSE')
  other.close()
})
