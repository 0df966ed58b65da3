export type { ReadableHeaders } from './forwarded-headers.ts'
export { type ServerClientOptions, serverClient } from './server-client.ts'
export { type RouteHandler, type ServiceProxyOptions, serviceProxy } from './service-proxy.ts'
export { type WebhookRouteOptions, webhookRoute } from './webhook-route.ts'
