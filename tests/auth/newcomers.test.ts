import { afterAll, beforeAll, expect, test } from 'vitest'
import { testWorld, type World } from '../support/world.ts'
import { answerChallenge, challengeOf, somebody } from './support/ceremony.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false, environment: { RATE_LIMITS: 'off' } })
})
afterAll(() => world[Symbol.asyncDispose]())

const retries = async () => {
  const { values } = await world.built.services.metrics.databaseRetries.get()
  return values.reduce((sum, { value }) => sum + value, 0)
}

test('a hundred people who sign in for the first time at once are all let in, and do not get in the way of each other', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const account = somebody()
      const { nonce, message } = await challengeOf(world.url, { appId: world.appId, address: account.address })
      return { nonce, signature: await account.signMessage({ message }) }
    }),
  )
  const before = await retries()

  const verified = await Promise.all(answers.map((answer) => answerChallenge(world.url, answer)))

  expect(verified.filter(({ status }) => status !== 200)).toEqual([])
  const users = verified.map(({ data }) => (data as { user: { id: string } }).user.id)
  expect(new Set(users).size).toBe(100)
  expect((await retries()) - before).toBeLessThan(10)
})
