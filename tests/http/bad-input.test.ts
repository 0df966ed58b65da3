import fc from 'fast-check'
import superjson from 'superjson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorCodes } from '../../server/contract/errors.ts'
import { testWorld, type World } from '../support/world.ts'
import { callerFor } from './support/callers.ts'
import { type Answer, call, type Procedure, procedures, send } from './support/calls.ts'
import { hostileTo, type Wire } from './support/hostile-values.ts'
import { choices, goodInputs } from './support/inputs.ts'
import { rowCounts } from './support/rows.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
  // what Crossmint tells of fundings is written whenever it comes
  await world.crossmint.setWebhook(null)
})
afterAll(() => world[Symbol.asyncDispose]())

/** The body of a request to somebody else may be whatever text. */
const anyText = ['body']

/** Calls with a good input in which one field is replaced. */
function callWith(
  procedure: Procedure,
  good: Record<string, unknown>,
  field: string,
  { json, as }: Wire,
  headers: Record<string, string>,
) {
  const { json: body, meta } = superjson.serialize({ ...good, [field]: undefined })
  const values = { ...(meta?.values as Record<string, unknown>), [field]: as }
  if (!as) delete values[field]
  const payload = { json: { ...(body as object), [field]: json }, meta: { values } }
  return send(world.url, procedure, JSON.stringify(payload), { headers })
}

function expectRefusal(answer: Answer, field: string) {
  expect(answer.error?.data, answer.text).toMatchObject({
    code: 'INVALID_INPUT',
    httpStatus: 400,
    retryable: false,
    requestId: answer.headers.get('x-request-id'),
  })
  expect(answer.status).toBe(400)
  const issues = answer.error!.data.issues ?? []
  expect(issues.map(({ path }) => path[0])).toContain(field)
  for (const { message } of issues) expect(message).toMatch(/\w{2}/)
}

test('there is a good input for every procedure, with every field', async () => {
  expect(Object.keys(goodInputs).sort()).toEqual(procedures.map(({ path }) => path).sort())
  for (const procedure of procedures) {
    const { path, fields } = procedure
    const { person } = await callerFor(world, procedure)
    const input = await goodInputs[path]!(world, person)
    const [, ...others] = choices[path] ?? []
    expect([...Object.keys(input ?? {}), ...others].sort(), path).toEqual(Object.keys(fields).sort())
  }
})

describe.each(procedures)('$path', (procedure) => {
  test('takes its good input', async () => {
    const { headers, person } = await callerFor(world, procedure)
    const answer = await call(world.url, procedure, await goodInputs[procedure.path]!(world, person), headers)
    expect(answer.status, answer.text).toBe(200)
  })

  test.runIf(Object.keys(procedure.fields).length > 0)(
    'refuses each field that does not fit, and writes nothing',
    async () => {
      const { headers, person } = await callerFor(world, procedure)
      const good = (await goodInputs[procedure.path]!(world, person))!
      const before = await rowCounts(world.database)
      const [, ...others] = choices[procedure.path] ?? []
      for (const [field, schema] of Object.entries(procedure.fields)) {
        if (others.includes(field)) continue
        const absences: Wire[] = []
        if (!schema.safeParse(null).success) absences.push({ name: 'null', json: null })
        if (!schema.safeParse(undefined).success) absences.push({ name: 'absent', json: undefined })
        // an amount may be of something that can be none, and there may be no headers
        const fitting = [
          ...(schema.safeParse(0n).success ? ['zero as bigint'] : []),
          ...(schema.safeParse({}).success ? ['an object'] : []),
          ...(anyText.includes(field) ? ['nothing', 'blanks', 'a long string', 'NUL', 'a line feed'] : []),
        ]
        const hostile = hostileTo(good[field]).filter(({ name }) => !fitting.includes(name))
        const answers = await Promise.all(
          [...absences, ...hostile].map(async (wire) => {
            const answer = await callWith(procedure, good, field, wire, headers)
            return { wire, answer }
          }),
        )
        for (const { wire, answer } of answers) {
          expect(answer.status, `${field}: ${wire.name}`).toBe(400)
          expectRefusal(answer, field)
        }
      }
      expect(await rowCounts(world.database)).toEqual(before)
    },
  )

  test('meets whatever input with an answer of its contract, and writes nothing', async () => {
    const { headers } = await callerFor(world, procedure)
    const before = await rowCounts(world.database)
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(wireOf(Object.keys(procedure.fields)), async (wire) => {
        const { status, error, text } = await send(world.url, procedure, JSON.stringify(wire), { headers })
        if (status === 200) {
          accepted++
          return
        }
        expect(error, text).not.toBeNull()
        const { code, httpStatus, requestId } = error!.data
        expect(errorCodes[code].status).toBe(status)
        expect(httpStatus).toBe(status)
        expect(status, text).toBeLessThan(500)
        expect(requestId).not.toBe('')
      }),
      { numRuns: process.env.SOAK ? 200 : 8 },
    )
    // chance may hit on an input that fits, such as the owner of a new wallet
    if (procedure.type === 'query' || accepted === 0) expect(await rowCounts(world.database)).toEqual(before)
  })
})

/** Whatever JSON, with whatever superjson is told to make of it. */
function wireOf(fields: string[]) {
  const anything = fc.jsonValue({ maxDepth: 3 })
  const names = fc.constantFrom('__proto__', 'constructor', 'toString', ...fields)
  const types = fc.constantFrom(
    'bigint',
    'Date',
    'regexp',
    'set',
    'map',
    'number',
    'undefined',
    'URL',
    'Error',
    'nothing',
  )
  const paths = fc.oneof(
    names,
    fc.tuple(names, names).map((two) => two.join('.')),
  )
  return fc.record({
    json: fc.oneof(anything, fc.dictionary(names, anything, { maxKeys: 5 })),
    meta: fc.option(fc.record({ values: fc.dictionary(paths, fc.tuple(types), { maxKeys: 3 }) }), { nil: undefined }),
  })
}
