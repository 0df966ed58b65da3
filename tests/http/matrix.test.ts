import { afterAll, beforeAll, expect, test } from 'vitest'
import { grantedRoles } from '../../server/contract/callers.ts'
import { errorCodes } from '../../server/contract/errors.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import type { ValidCaller } from './support/callers.ts'
import { type Answer, call, type Procedure, procedures } from './support/calls.ts'
import { type Column, columnsOf, lateClock, sessionTimes, type Verdict } from './support/columns.ts'
import { goodInputs } from './support/inputs.ts'
import { rowCounts, withAdmin } from './support/rows.ts'
import { saidBy } from './support/said-by.ts'
import { worldOf } from './support/world-of.ts'

const clock = lateClock()
let world: World
let columns: Column[]
/** Whose the objects are that strangers ask for, and those who may not ask at all. */
let resident: Person

beforeAll(async () => {
  world = await testWorld({ workers: false, clock, environment: sessionTimes })
  // what Crossmint tells of fundings is written whenever it comes
  await world.crossmint.setWebhook(null)
  columns = await columnsOf(world, clock)
  resident = await person(world, { roles: grantedRoles })
})
afterAll(() => world[Symbol.asyncDispose]())

// these end the sessions that they are called with
const last = ['auth.signOut', 'auth.verify']
const inOrder = procedures.toSorted((one, other) => last.indexOf(one.path) - last.indexOf(other.path))

const tested = new Set<string>()

test.each(inOrder)('$path is for whom it is declared to be, and for nobody else', async (procedure) => {
  const verdicts = columns.map((column) => ({ column, verdict: column.verdict(procedure) }))
  const refused = verdicts.filter(({ verdict }) => verdict !== 'allowed')
  const allowed = verdicts.filter(({ verdict }) => verdict === 'allowed')
  const found: Record<string, Verdict> = {}
  const keep = ({ name }: Column, answer: Answer) => {
    found[name] = verdictOf(answer)
    tested.add(`${procedure.path} as ${name}`)
  }

  const [good, ...callers] = await Promise.all([
    inputFor(procedure, resident),
    ...refused.map(({ column }) => column.caller(procedure)),
  ])
  const before = await rowCounts(world.database)
  const refusals = await Promise.all(
    callers.map(async (caller, n) => ({
      answer: await callAs(procedure, caller, good),
      toNonsense: saysNonsense(procedure, n) ? await callAs(procedure, caller, { nonsense: ['x'] }) : null,
    })),
  )
  expect(await rowCounts(world.database)).toEqual(before)
  for (const [n, { answer, toNonsense }] of refusals.entries()) {
    const { column, verdict } = refused[n]!
    keep(column, answer)
    expectRefusal(procedure, column, answer, verdict)
    if (toNonsense) expect(saidBy(toNonsense), column.name).toEqual(saidBy(answer))
  }

  await Promise.all(
    allowed.map(async ({ column }) => {
      const caller = await column.caller(procedure)
      const input = await inputFor(procedure, column.stranger ? resident : caller.person)
      const answer = await callAs(procedure, caller, input)
      keep(column, answer)
      if (column.stranger && !procedure.for.includes('anyone')) await expectNothingOfOurs(answer)
      else expect(answer.status, `${column.name}: ${answer.text}`).toBe(200)
    }),
  )

  expect(found).toEqual(Object.fromEntries(verdicts.map(({ column, verdict }) => [column.name, verdict])))
})

test('every cell was tested', () => {
  expect(columns.length).toBeGreaterThanOrEqual(22)
  expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length)
  expect(tested.size).toBe(procedures.length * columns.length)
})

/** Whether the n-th who is refused says nonsense too: each one in a soak, else every fifth, another one at each procedure. */
const saysNonsense = (procedure: Procedure, n: number) =>
  Boolean(process.env.SOAK) || n % 5 === inOrder.indexOf(procedure) % 5

/** A good input that is about somebody's own objects, or about the app's if it is no person who calls. */
const inputFor = async ({ path }: Procedure, whose: Person | null) =>
  goodInputs[path]!(whose ? worldOf(world, whose) : world, whose)

const callAs = (procedure: Procedure, { headers }: ValidCaller, input: unknown) =>
  // what is for anyone is for pages
  call(world.url, procedure, input, { ...headers, ...(procedure.for.includes('anyone') && { origin: PAGE }) })

function verdictOf({ error }: Pick<Answer, 'error'>): Verdict {
  const code = error?.data.code
  return code === 'UNAUTHENTICATED' || code === 'FORBIDDEN' ? code : 'allowed'
}

function expectRefusal(
  { path, for: callers, scope }: Procedure,
  { name }: Column,
  { status, headers, text, error }: Answer,
  code: Verdict,
) {
  expect(verdictOf({ error }), `${path} as ${name}: ${text}`).toBe(code)
  if (code === 'allowed') return
  const { message, data } = error!
  expect(message).toMatch(
    code === 'UNAUTHENTICATED'
      ? /^Sign in, or send a valid API key or token .+\. Yours is missing, unknown, expired or revoked\.$/
      : /^This procedure (is for .{5,}; you are .{5,}|needs the scope [a-z_:]+, which your (API key|token) does not have)\.$/,
  )
  expect(data).toEqual({
    code,
    httpStatus: errorCodes[code].status,
    retryable: false,
    requestId: headers.get('x-request-id'),
    path,
    issues: null,
    details: code === 'UNAUTHENTICATED' ? null : message.includes('scope') ? { scope } : { for: callers },
  })
  expect(status).toBe(errorCodes[code].status)
  expect(headers.getSetCookie()).toEqual([])
}

/** Expects that what a stranger hears has no id of any object of the first app. */
async function expectNothingOfOurs({ text }: Answer) {
  const ids = text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []
  const { rows } = await withAdmin(world.database.adminUrl, (admin) =>
    admin.query('select distinct stream from audit where app_id = $1 and stream = any($2)', [world.appId, ids]),
  )
  expect(rows, text).toEqual([])
}
