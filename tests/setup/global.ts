import { appendFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startDatabase } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { migrationTexts } from '../../db/migrations/index.ts'
import { withDatabase } from '../support/database.ts'
import { lint, notNullColumns } from '../support/sql-lint.ts'
import { removeLeftovers } from './leftovers.ts'

const prefix = 'provider-service-tests-'

/** One database server for the whole run, a migrated template in it; afterwards every SQL text seen is linted. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers(tmpdir(), prefix)
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  const sqlDirectory = join(directory, 'sql')
  await mkdir(sqlDirectory)

  const server = await findServer(directory)
  const template = `template_${process.pid}`
  const owner = new URL(server.ownerUrl).username
  await query(server.adminUrl, `drop database if exists ${template} with (force)`)
  await query(server.adminUrl, `create database ${template} owner ${owner}`)

  const statements = new Set<string>()
  await migrate(withDatabase(server.ownerUrl, template), {
    applicationRole: new URL(server.applicationUrl).username,
    onQuery: (sql) => statements.add(sql),
  })
  const lines = [...statements].map((sql) => `${JSON.stringify(sql)}\n`)
  await appendFile(join(sqlDirectory, 'migrations.jsonl'), lines.join(''))

  const { adminUrl, ownerUrl, applicationUrl } = server
  provide('testServer', { adminUrl, ownerUrl, applicationUrl, template, sqlDirectory })
  provide('compiledDirectory', join(directory, 'compiled'))
  return async () => {
    await query(adminUrl, `drop database if exists ${template} with (force)`)
    await server.stop()
    const texts = await collectedSql(sqlDirectory)
    await rm(directory, { recursive: true, force: true })
    lintAll(texts)
  }
}

interface Server {
  adminUrl: string
  ownerUrl: string
  applicationUrl: string
  stop(): Promise<void>
}

/** `TEST_DATABASE_URL` names a server to use instead, as a user that may create roles and databases. */
async function findServer(directory: string): Promise<Server> {
  const url = process.env.TEST_DATABASE_URL
  if (!url) {
    return startDatabase({ directory: join(directory, 'server'), durable: false, settings: { max_connections: 200 } })
  }
  const [role, password] = ['provider_test_app', 'provider-test']
  await query(url, `create role ${role} login password '${password}'`).catch((error) => {
    if (error.code !== '42710') throw error // it is there
  })
  const applicationUrl = new URL(url)
  applicationUrl.username = role
  applicationUrl.password = password
  return { adminUrl: url, ownerUrl: url, applicationUrl: applicationUrl.href, stop: async () => {} }
}

async function query(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

function lintAll(texts: string[]) {
  // of our own tables alone: some tests make others, with the same names for columns
  const options = { notNull: notNullColumns(migrationTexts.filter((text) => /^\s*create table/i.test(text))) }
  const complaints = texts.flatMap((text) =>
    lint(text, options).map(({ rule, message }) => `${rule}: ${message}\n    ${text.trim().replace(/\s+/g, ' ')}`),
  )
  if (complaints.length > 0) {
    throw new Error(`SQL seen in this run that CockroachDB does not run alike:\n\n  ${complaints.join('\n\n  ')}\n`)
  }
  console.log(`All ${texts.length} SQL texts of this run are fit for PostgreSQL and CockroachDB`)
}

async function collectedSql(directory: string): Promise<string[]> {
  const files = await readdir(directory)
  const contents = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))
  const lines = contents.flatMap((content) => content.split('\n').filter(Boolean))
  return [...new Set(lines)].map((line) => JSON.parse(line) as string)
}
