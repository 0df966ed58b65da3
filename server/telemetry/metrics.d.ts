import { Counter, Gauge, Histogram, Registry } from 'prom-client';
export type Metrics = ReturnType<typeof createMetrics>;
/** What the service tells Prometheus. Labels are closed sets: no id, no address, no text of a caller. */
export declare function createMetrics(): {
    registry: Registry<"text/plain; version=0.0.4; charset=utf-8">;
    procedureSeconds: Histogram<"code" | "path">;
    providerSeconds: Histogram<"operation" | "outcome">;
    settleSeconds: Histogram<string>;
    transitions: Counter<"to">;
    databaseRetries: Counter<"code" | "phase">;
    webhooks: Counter<"outcome" | "provider">;
    workerFailures: Counter<"queue">;
    paymentsByState: Gauge<"state">;
    oldestTransaction: Gauge<"state">;
    queueDepth: Gauge<"queue">;
    databaseConnections: Gauge<"use">;
    up: Gauge<"dependency">;
};
