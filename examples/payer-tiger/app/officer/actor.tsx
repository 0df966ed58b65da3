'use client'

import { useQuery } from '@tanstack/react-query'
import { useSurroundings } from '@/components/providers.tsx'
import { short } from '@/lib/words.ts'

/** Somebody as the trail names them: a person by their wallet, a server, or the service itself. */
export function Actor({ actor }: { actor: string }) {
  const { client, user } = useSurroundings()
  const [kind, id = ''] = actor.split(':')
  const person = useQuery({
    queryKey: ['person', id],
    queryFn: ({ signal }) => client.users.get.query({ userId: id }, { signal }),
    enabled: kind === 'user',
    staleTime: 600_000,
  })
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
