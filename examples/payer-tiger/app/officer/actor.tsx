'use client'

import { useServiceQuery } from '@provider-service/client/react'
import { useSurroundings } from '@/components/providers.tsx'
import { short } from '@/lib/words.ts'

/** Somebody as the trail names them: a person by their wallet, a server, or the service itself. */
export function Actor({ actor }: { actor: string }) {
  const { user } = useSurroundings()
  const [kind, id = ''] = actor.split(':')
  const person = useServiceQuery(
    (service) => service.users.get,
    { userId: id },
    { enabled: kind === 'user', staleTime: 600_000 },
  )
  if (kind === 'key') return <span title={actor}>a server of the shop</span>
  if (kind !== 'user') return <span>the service ({id})</span>
  const roles = person.data?.roles.filter((role) => role !== 'user') ?? []
  return (
    <span>
      <span className="mono" title={person.data?.address ?? actor}>
        {person.data ? short(person.data.address) : id.slice(0, 8)}
      </span>
      {user?.id === id ? ' (you)' : roles.length > 0 && ` (${roles.join(', ')})`}
    </span>
  )
}
