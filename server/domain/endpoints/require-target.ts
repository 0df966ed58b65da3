import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'

/** @throws INVALID_INPUT for a URL that nothing is sent to */
export function requireTarget({ outbound }: Pick<Services, 'outbound'>, url: string): void {
  const refusal = outbound.refuse(url)
  if (refusal) throw new DomainError('INVALID_INPUT', `The URL of an endpoint ${refusal}.`)
}
