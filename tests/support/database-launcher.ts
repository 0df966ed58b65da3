// Started by tests as a process of its own that they can kill: starts the database in the directory given, prints its
// URLs, and ends as it is told to.
import pg from 'pg'
import { startDatabase } from '../../db/embedded.ts'

const [directory, ending] = process.argv.slice(2)
const database = await startDatabase({ directory: directory!, durable: false })

process.on('SIGINT', async () => {
  if (ending === 'without-stopping') process.exit(0)
  const client = new pg.Client({ connectionString: database.adminUrl })
  await client.connect()
  const { rows } = await client.query('select 1 as answer')
  await client.end()
  await database.stop()
  console.log(JSON.stringify({ answerAfterSignal: rows[0].answer }))
  process.exit(0)
})
console.log(JSON.stringify({ adminUrl: database.adminUrl, port: database.port }))
setInterval(() => {}, 60_000)
