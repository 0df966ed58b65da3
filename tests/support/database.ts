import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { type Connection, type ConnectOptions, connect } from '../../db/connect.ts'

export interface TestServer {
  /** A superuser's, or nearly. */
  adminUrl: string
  ownerUrl: string
  applicationUrl: string
  /** Name of a migrated database that new ones are copied from. */
  template: string
  /** Where every SQL text seen in the run is collected, to be linted at its end. */
  sqlDirectory: string
}

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer
  }
}

export interface TestDatabase extends Connection {
  name: string
  adminUrl: string
  ownerUrl: string
  applicationUrl: string
  /** To be passed on to every further `connect`, so that its statements are linted too. */
  onQuery: (sql: string) => void
}

/** A migrated, empty database of one's own, with a connection as the application's role; dropped when disposed. */
export async function testDatabase(options: ConnectOptions = {}): Promise<TestDatabase> {
  return openTestDatabase(inject('testServer').template, options)
}

/** A database without any table, for tests of the migrations themselves. */
export async function emptyDatabase(options: ConnectOptions = {}): Promise<TestDatabase> {
  return openTestDatabase('template1', options)
}

async function openTestDatabase(template: string, options: ConnectOptions): Promise<TestDatabase> {
  const server = inject('testServer')
  const name = `test_${randomBytes(8).toString('hex')}`
  const owner = new URL(server.ownerUrl).username
  await asAdmin(server, `create database ${name} template ${template} strategy file_copy owner ${owner}`)

  const applicationUrl = withDatabase(server.applicationUrl, name)
  const connection = connect(applicationUrl, { onQuery, ...options })
  return {
    ...connection,
    name,
    adminUrl: withDatabase(server.adminUrl, name),
    ownerUrl: withDatabase(server.ownerUrl, name),
    applicationUrl,
    onQuery,
    [Symbol.asyncDispose]: async () => {
      await connection.close()
      await asAdmin(server, `drop database ${name} with (force)`)
    },
  }
}

/** The same URL with another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

async function asAdmin({ adminUrl }: TestServer, statement: string) {
  const client = new pg.Client({ connectionString: adminUrl })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const seen = new Set<string>()

function onQuery(sql: string) {
  if (seen.has(sql)) return
  seen.add(sql)
  appendFileSync(join(inject('testServer').sqlDirectory, `${process.pid}.jsonl`), `${JSON.stringify(sql)}\n`)
}
