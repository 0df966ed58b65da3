import { type ClaimedReport, claimReports, postponeReport } from '../domain/reports/claim-reports.ts'
import type { ReportKeys } from '../domain/reports/make-report.ts'
import { produceReport } from '../domain/reports/produce-report.ts'
import type { Services } from '../services.ts'
import { dueShards } from './due-shards.ts'
import type { Queue } from './row-worker.ts'

/** Reports that were asked for, by people or by the clock. */
export const reportQueue = (services: Services, keys: ReportKeys): Queue<ClaimedReport> => ({
  name: 'reports',
  dueShards: () => dueShards(services, 'report'),
  claim: (shard, limit) => claimReports(services, shard, limit),
  work: (row) => produceReport(services, keys, row),
  giveBack: (row) => postponeReport(services, row),
})
