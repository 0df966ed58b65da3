import { defineBench } from '../bench.ts'
import { deliveries } from './deliveries.ts'
import { inbound } from './inbound.ts'
import { streams } from './streams.ts'

export const webhooks = defineBench({
  name: 'webhooks',
  says: 'Webhooks that come in: signature, row, answer, beside a bare Express + pg that writes the same row; webhooks that go out; streams of live events.',
  options: { ...inbound.options, ...deliveries.options, ...streams.options },
  figures: { ...inbound.figures, ...deliveries.figures, ...streams.figures },
  run: async (stage) => ({
    ...(await inbound.run(stage)),
    ...(await deliveries.run(stage)),
    ...(await streams.run(stage)),
  }),
})
