import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { getAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect } from '../../../db/connect.ts'
import { type FindListed, type ListedAnswer, listFinder } from '../../../server/domain/lists/find-listed.ts'
import { leastRecent } from '../../../server/domain/lists/least-recent.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { approved, entryOf, publication, staged, takeOff } from '../../support/lists.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
/** The statements of the finder, in order. */
let statements: string[] = []
let connection: ReturnType<typeof connect>
beforeAll(async () => {
  world = await testWorld({ workers: false })
  connection = connect(world.database.applicationUrl, {
    onQuery(sql) {
      world.database.onQuery(sql)
      statements.push(/prepared: ([\w-]+)/.exec(sql)?.[1] ?? sql)
    },
  })
})
afterAll(async () => {
  await connection.close()
  await world[Symbol.asyncDispose]()
})
beforeEach(() => {
  statements = []
})

const finder = (remembered?: number): FindListed => listFinder(connection.db, remembered)
const address = () => getAddress(anyAddress())
const deny = async (subject: string, list = 'deny') =>
  entryOf(await world.client.lists.add.mutate({ list, address: subject as `0x${string}`, reason: 'r' }))
const seen = ({ listed }: ListedAnswer) =>
  listed.map(({ list, kind, subject }) => `${list} (${kind}) ${subject}`).sort()

test('finds each subject on every list of the app that it is on, of whatever kind, and no other', async () => {
  const [one, two, three] = [address(), address(), address()]
  const allow = await world.client.lists.create.mutate({ name: randomUUID(), kind: 'allow' })
  const sanctions = await world.client.lists.create.mutate({ name: randomUUID(), kind: 'sanctions' })
  const validUntil = new Date('2020-01-01')
  await world.client.lists.add.mutate({ list: sanctions.name, address: one, reason: 'over', validUntil })
  await approved(world, await publication(world, await staged(world, allow.name, [one, `user:${randomUUID()}`])))
  await deny(two)
  const stranger = await world.stranger()
  await stranger.client.lists.add.mutate({ list: 'deny', address: three, reason: 'r' })

  const answer = await finder()({ appId: world.appId, subjects: [one, two, three, two] })
  expect(seen(answer)).toEqual(
    [`${allow.name} (allow) ${one}`, `${sanctions.name} (sanctions) ${one}`, `deny (deny) ${two}`].sort(),
  )
  // whether it counts is for who asks
  expect(answer.listed.find(({ kind }) => kind === 'sanctions')).toMatchObject({
    reason: 'over',
    validFrom: null,
    validUntil,
  })
  expect(seen(await finder()({ appId: stranger.appId, subjects: [one, two, three] }))).toEqual([`deny (deny) ${three}`])
})

test('what is known at the version that is in force is not read again; the version is', async () => {
  const find = finder()
  const [listed, unlisted] = [address(), address()]
  await deny(listed)
  const question = { appId: world.appId, subjects: [listed, unlisted] }
  const first = await find(question)
  expect(statements).toEqual(['find-listed'])
  expect(await find(question)).toEqual(first)
  expect(await find({ ...question, subjects: [unlisted] })).toMatchObject({
    listed: [],
    rulesVersion: first.rulesVersion,
  })
  expect(statements).toEqual(['find-listed', 'list-versions', 'list-versions'])

  await deny(unlisted)
  const changed = await find(question)
  expect(seen(changed)).toEqual([`deny (deny) ${listed}`, `deny (deny) ${unlisted}`].sort())
  expect(changed.rulesVersion).toBe(first.rulesVersion + 1n)
  // it looked for the version first, and then for all
  expect(statements.slice(3)).toEqual(['list-versions', 'find-listed'])
})

test('many who ask at a time are answered by a statement or two, each of their own app', async () => {
  const find = finder()
  const stranger = await world.stranger()
  const [mine, theirs] = [address(), address()]
  await deny(mine)
  await stranger.client.lists.add.mutate({ list: 'deny', address: theirs, reason: 'r' })
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      find({ appId: n % 2 ? world.appId : stranger.appId, subjects: [mine, theirs, address()] }),
    ),
  )
  expect(statements.length).toBeLessThanOrEqual(2)
  for (const [n, answer] of answers.entries()) expect(seen(answer)).toEqual([`deny (deny) ${n % 2 ? mine : theirs}`])
})

test('answers are of one version: what was read before a change is not mixed with what was read after it', async () => {
  const find = finder()
  const subjects = [address(), address()]
  for (let round = 0; round < 10; round++) {
    await find({ appId: world.appId, subjects: [subjects[0]!] })
    const entry = await deny(subjects[0]!)
    await find({ appId: world.appId, subjects: [subjects[1]!] })
    // the first is remembered of the version before, the second of this one
    expect(seen(await find({ appId: world.appId, subjects }))).toEqual([`deny (deny) ${subjects[0]}`])
    await takeOff(world, entry.id)
    expect(seen(await find({ appId: world.appId, subjects }))).toEqual([])
  }
})

test('however little is remembered and however lists change meanwhile, the answer is what is on them at its version', async () => {
  const subjects = Array.from({ length: 6 }, address)
  const { db } = world.built.services
  /** What was on the app's lists, by version. */
  const truth = new Map<bigint, string[]>()
  const note = async () => {
    const { version } = await db
      .selectFrom('list_version')
      .select('version')
      .where('app_id', '=', world.appId)
      .executeTakeFirstOrThrow()
    const { listed } = await listFinder(db, 1)({ appId: world.appId, subjects })
    truth.set(version, listed.map(({ subject }) => subject).sort())
  }
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.subarray(subjects, { minLength: 1 }), { minLength: 5, maxLength: 30 }),
      fc.array(fc.constantFrom(...subjects), { minLength: 1, maxLength: 4 }),
      async (remembered, questions, changes) => {
        const finders = [finder(remembered), finder(remembered)]
        await note()
        let done = false
        const answers: { question: string[]; answer: ListedAnswer }[] = []
        const asking = Promise.all(
          finders.map(async (find) => {
            for (let n = 0; !done || n < questions.length; n++) {
              const question = questions[n % questions.length]!
              answers.push({ question, answer: await find({ appId: world.appId, subjects: question }) })
            }
          }),
        )
        for (const subject of changes) {
          const { items } = await world.client.lists.entries.query({ list: 'deny', subject })
          if (items.length > 0) await takeOff(world, items[0]!.id)
          else await deny(subject)
          await note()
        }
        done = true
        await asking
        for (const { question, answer } of answers)
          expect(answer.listed.map(({ subject }) => subject).sort()).toEqual(
            truth.get(answer.rulesVersion)!.filter((subject) => question.includes(subject)),
          )
      },
    ),
    { numRuns: 10 },
  )
})

test('an app that there is not has no answer', async () => {
  const appId = randomUUID()
  await expect(finder()({ appId, subjects: [address()] })).rejects.toThrow(`There are no lists of the app ${appId}`)
})

test('of what is remembered, what was used least recently goes first', () => {
  const memory = leastRecent<number>(3)
  for (const [n, key] of ['a', 'b', 'c'].entries()) memory.set(key, n)
  memory.get('a')
  memory.set('b', 7)
  memory.set('d', 3)
  expect(['a', 'b', 'c', 'd'].map((key) => memory.get(key))).toEqual([0, 7, undefined, 3])
})
