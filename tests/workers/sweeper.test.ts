import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { startSweeper } from '../../server/workers/sweeper.ts'
import { eventually } from '../support/eventually.ts'
import { testWorld } from '../support/world.ts'

test('deletes what has no more use by its age, lot after lot, and nothing else', async () => {
  await using world = await testWorld({ workers: false })
  const { services } = world.built
  const challenge = (expiresAt: Date) => ({
    nonce_hash: randomBytes(32),
    app_id: randomUUID(),
    user_id: null,
    address: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
    chain_id: 43_113n,
    origin: 'https://example.com',
    message: 'm',
    expires_at: expiresAt,
  })
  const now = services.clock.now().getTime()
  for (let lot = 0; lot < 7; lot++)
    await services.db
      .insertInto('challenge')
      .values(Array.from({ length: 1_000 }, () => challenge(new Date(now - 1))))
      .execute()
  const live = challenge(new Date(now + 60_000))
  await services.db.insertInto('challenge').values(live).execute()

  const sweeper = startSweeper(services)
  await eventually(async () => {
    const rows = await services.db.selectFrom('challenge').select('nonce_hash').execute()
    expect(rows).toEqual([{ nonce_hash: live.nonce_hash }])
  })
  await sweeper.stop()
})
