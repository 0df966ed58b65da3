import type { ReportKind, RequestedReport } from '../../contract/reports.ts'
import type { Services } from '../../services.ts'
import { intentionOf, once } from '../idempotency.ts'
import type { AppPrincipal } from '../principal.ts'
import { getReport } from './get-report.ts'
import { insertReport } from './insert-report.ts'

/**
 * Asks for a report of what happened in the app from one moment to before another. It is made within moments, by whichever instance
 * works.
 *
 * @throws IDEMPOTENCY_MISMATCH
 */
export async function createReport(
  services: Services,
  principal: AppPrincipal,
  input: { kinds: ReportKind[]; from: Date; to: Date; idempotencyKey: string },
): Promise<RequestedReport> {
  const { kinds, from, to } = input
  const { id, replayed } = await once(
    services,
    intentionOf(principal, 'reports.create', { ...input }),
    async (trx, reportId) => {
      const wanted = { id: reportId, appId: principal.appId, kinds: [...new Set(kinds)], from, to, schedule: null }
      await insertReport(trx, principal, wanted, services.clock.now())
    },
  )
  if (!replayed) services.nudge.report(id)
  return { ...(await getReport(services, principal, { reportId: id })), replayed }
}
