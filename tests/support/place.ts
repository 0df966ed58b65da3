import { placeEvents } from '../../server/domain/events/place-events.ts'
import type { World } from './world.ts'

/** Gives every event its place in the feed, as the sequencer of a service with workers does by itself. */
export async function placeAll({ built }: Pick<World, 'built'>): Promise<void> {
  while ((await placeEvents(built.services.db)).waiting > 0);
}
