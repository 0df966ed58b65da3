import { ReactNode } from "react";
import { AccessCheck, Client, IntentionStorage, Me, Payment, ProviderServiceError, SignedIn, Signer, WalletSender } from "./index.js";
import { UseQueryOptions, UseQueryResult } from "@tanstack/react-query";
/**
 * Where a payment stands, for whoever looks at the page:
 *
 * - `checking`: it is looked up whether one is on its way, begun before a reload or in another tab. Show neither a button nor a result.
 * - `idle`: none is. Show the button.
 * - `starting`: it was asked for, and there is no answer yet.
 * - `held`: an officer looks at it first.
 * - `unsigned`: it waits for its owner to agree in their wallet; `pay` asks them (again). Only of wallets of the person's own.
 * - `signing`: the wallet is asking its owner now.
 * - `accepted`: it will settle once, or you will be told why not.
 * - `submitted`: it is on the chain, or about to be.
 * - `settled`: it is paid.
 * - `refused`: a rule or an officer refused it; nothing was paid.
 * - `failed`: it was not accepted, or ended unpaid.
 * - `attention`: an operator must look at it; it is neither paid nor given up. Do not pay again.
 */
type PayState = 'checking' | 'idle' | 'starting' | 'held' | 'unsigned' | 'signing' | 'accepted' | 'submitted' | 'settled' | 'refused' | 'failed' | 'attention';
/** What is known of a payment. `state` speaks of the payment, `error` of what is in the way: both may be there. */
interface PayStatus {
  state: PayState;
  payment: Payment | null;
  error: ProviderServiceError | null;
}
/** Gives the wallet that signs, when it is needed; of wallets of the person's own only. */
type WalletOf = () => WalletSender | Promise<WalletSender>;
/**
 * The client that the provider above was given, to call any procedure.
 *
 * @example
 * const service = useService()
 * const open = () => service.wallets.open.mutate()
 */
declare const useService: () => Client;
/** What to tell people about an error. In English: know an error by its `code` to tell it in another language. */
interface Explanation {
  title: string;
  /** What happened. */
  sentence: string;
  /** What they can do about it; empty where nothing helps. */
  advice: string;
}
/**
 * An error in words for people: what happened, and what they can do. Every code has its own.
 *
 * @example
 * const { title, sentence, advice } = explain(error)
 */
declare function explain(error: unknown): Explanation;
/** A procedure that reads. */
interface Readable<Input, Output> {
  query(input: Input, options?: {
    signal?: AbortSignal;
  }): Promise<Output>;
}
/** A query as TanStack Query takes it, of everything that asks with `useQuery`, `prefetchQuery` or `ensureQueryData`. */
interface ServiceQuery<Output> {
  queryKey: ServiceKey;
  queryFn: (context: {
    signal: AbortSignal;
  }) => Promise<Output>;
  /** The client repeats by itself what is worth it. */
  retry: false;
}
/** Under what an answer is kept: `['provider-service', 'payments', 'get', { paymentId }]`. */
type ServiceKey = readonly ['provider-service', ...unknown[]];
/**
 * A read of the service as a query for TanStack Query, with the key that the hooks of `/react` use: what is prefetched with it on the
 * server is there when they ask, and events keep it up to date.
 *
 * @example
 * // in a server component
 * const queryClient = new QueryClient(queryDefaults)
 * await queryClient.prefetchQuery(queryOf(await service(), (service) => service.paywalls.get, { paywallId }))
 *
 * @example
 * // in a component of the browser
 * const { data } = useSuspenseQuery(queryOf(useService(), (service) => service.paywalls.list, { limit: 20 }))
 */
declare function queryOf<Input, Output>(client: Client, select: (service: Client) => Readable<Input, Output>, ...[input]: undefined extends Input ? [input?: Input] : [input: Input]): ServiceQuery<Output>;
/**
 * The key of a read, or what the keys of all reads of a procedure or a noun begin with: to invalidate them, or to set what they hold.
 *
 * @example
 * queryClient.invalidateQueries({ queryKey: keyOf((service) => service.payments) })
 */
declare function keyOf(select: (service: Client) => unknown, input?: unknown): ServiceKey;
/**
 * Who is signed in, as a query; null is nobody. Prefetch it on the server, and pages know from the first moment.
 *
 * @example
 * await queryClient.prefetchQuery(meQuery(await service()))
 */
declare const meQuery: (client: Client) => ServiceQuery<Me | null>;
interface ServiceProviderProps {
  /** One for the whole app, made outside of components: `createClient({ url: '/api/provider' })`. */
  client: Client;
  /** The app that people sign in to. */
  appId: string;
  /** Where payments that are on their way are remembered; `localStorage` by default. */
  storage?: IntentionStorage;
  children?: ReactNode;
}
/**
 * Gives the hooks their client, and keeps what they show up to date by one stream of events while somebody is signed in. Uses the
 * `QueryClientProvider` above it; without one, it makes its own with `queryDefaults`.
 *
 * @example
 * 'use client'
 * const client = createClient({ url: '/api/provider' })
 *
 * export function Providers({ children }: { children: ReactNode }) {
 *   return <ServiceProvider client={client} appId={process.env.NEXT_PUBLIC_APP_ID!}>{children}</ServiceProvider>
 * }
 */
declare function ServiceProvider(props: ServiceProviderProps): ReactNode;
/**
 * Options for a `QueryClient` on the server and for one in the browser, so that amounts (`bigint`) and times (`Date`) are the same on both
 * sides of hydration. Answers count as fresh for half a minute: whatever changes meanwhile is told by events.
 *
 * @example
 * const queryClient = new QueryClient(queryDefaults)
 */
declare const queryDefaults: {
  readonly defaultOptions: {
    readonly queries: {
      readonly staleTime: 30000;
    };
    readonly dehydrate: {
      readonly serializeData: (data: unknown) => unknown;
    };
    readonly hydrate: {
      readonly deserializeData: (data: unknown) => unknown;
    };
  };
};
/**
 * Whether a wallet may open a paywall now: it turns by itself when it is paid, in every tab, and when its time is over. What it guards
 * must be guarded on your server too. Without a wallet, while none is known, it asks nothing.
 *
 * @example
 * const { data } = useAccess(paywallId, walletId)
 * if (!data) return <Skeleton />
 * return data.granted ? <Article /> : <PayButton />
 */
declare const useAccess: (paywallId: string, walletId: string | null | undefined) => UseQueryResult<AccessCheck, ProviderServiceError>;
interface WhoIsThere {
  /** Who is signed in; null is nobody, undefined is not known yet: show neither then. */
  me: Me | null | undefined;
  error: ProviderServiceError | null;
}
/**
 * Who is signed in.
 *
 * @example
 * const { me } = useMe()
 * if (me === undefined) return null
 * return me ? <SignOut /> : <SignIn />
 */
declare function useMe(): WhoIsThere;
interface UsePayOptions {
  paywallId: string;
  /** The wallet that pays; null or undefined while it is not known. */
  walletId: string | null | undefined;
  /**
   * Gives the wallet that signs, when somebody pays: `() => wallet(config)` of `/wagmi`. Only for a wallet of the person's own; custodial
   * ones sign by themselves.
   */
  wallet?: WalletOf;
}
interface Paying extends PayStatus {
  /** Something is on its way, and nothing is to be done about it now. */
  isBusy: boolean;
  /** Pays, or goes on with the payment that is on its way: never a second one, however often it is called. Rejects never: see `error`. */
  pay(): Promise<void>;
  /** The same, after something went wrong. */
  retry(): Promise<void>;
  /** Back to `idle`, from a payment that is over. */
  reset(): void;
}
/**
 * Pays a paywall and shows how it goes, until it is settled on the chain. One intention is one payment: a second click, another tab and
 * a reload in the middle find the first. After a reload nobody is asked to sign until they click.
 *
 * @example
 * const { state, error, pay, isBusy } = usePay({ paywallId, walletId })
 * <button disabled={isBusy} onClick={pay}>{state === 'settled' ? 'Paid' : 'Pay 1.50 USDC'}</button>
 * {error && <p role="alert">{explain(error).sentence} {explain(error).advice}</p>}
 *
 * @example
 * // from a wallet of the person's own
 * import { wallet } from '@provider-service/client/wagmi'
 *
 * const { pay } = usePay({ paywallId, walletId, wallet: () => wallet(config) })
 */
declare function usePay({ paywallId, walletId, wallet }: UsePayOptions): Paying;
/**
 * A payment, as it stands. Null or undefined, while it is not known which, asks nothing.
 *
 * @example
 * const { data: payment } = usePayment(paymentId)
 */
declare const usePayment: (paymentId: string | null | undefined) => UseQueryResult<Payment, ProviderServiceError>;
/** What TanStack Query takes beside what is asked and where it is kept. */
type ServiceQueryOptions<Output, Data = Output> = Omit<UseQueryOptions<Output, ProviderServiceError, Data>, 'queryKey' | 'queryFn' | 'retry'>;
/**
 * Any read of the service, kept up to date by its events. What failed because the service was away is asked for again by itself.
 *
 * @example
 * const { data, error } = useServiceQuery((service) => service.payments.list, { state: 'settled', limit: 20 })
 *
 * @example
 * const { data: quote } = useServiceQuery((service) => service.payments.quote, { paywallId, walletId }, { enabled: isOpen })
 */
declare function useServiceQuery<Input, Output, Data = Output>(select: (service: Client) => Readable<Input, Output>, ...[input, options]: undefined extends Input ? [input?: Input, options?: ServiceQueryOptions<Output, Data>] : [input: Input, options?: ServiceQueryOptions<Output, Data>]): UseQueryResult<Data, ProviderServiceError>;
interface SigningIn {
  /** Has the wallet sign, and signs its owner in. Rejects with what `error` then is. */
  signIn(signer: Signer): Promise<SignedIn>;
  isPending: boolean;
  error: ProviderServiceError | null;
  reset(): void;
}
/**
 * Signs people in with their wallet. Everything that was shown to whoever was there before is read again.
 *
 * @example
 * import { signer } from '@provider-service/client/wagmi'
 *
 * const { signIn, isPending, error } = useSignIn()
 * <button disabled={isPending} onClick={() => signIn(signer(config)).catch(() => {})}>Sign in</button>
 * {error && <p role="alert">{explain(error).sentence}</p>}
 *
 * @throws ProviderServiceError from `signIn`: as that of the package
 */
declare function useSignIn(): SigningIn;
interface SigningOut {
  /** Ends this session, or all of the person's. Rejects with what `error` then is. */
  signOut(options?: {
    everywhere?: boolean;
  }): Promise<void>;
  isPending: boolean;
  error: ProviderServiceError | null;
}
/**
 * Signs out. Nothing that was shown to the person is kept.
 *
 * @example
 * const { signOut } = useSignOut()
 * <button onClick={() => signOut().catch(() => {})}>Sign out</button>
 *
 * @throws ProviderServiceError from `signOut`, but not for a session that has ended already
 */
declare function useSignOut(): SigningOut;
export { type Explanation, type PayState, type PayStatus, type Paying, type Readable, type ServiceKey, ServiceProvider, type ServiceProviderProps, type ServiceQuery, type ServiceQueryOptions, type SigningIn, type SigningOut, type UsePayOptions, type WalletOf, type WhoIsThere, explain, keyOf, meQuery, queryDefaults, queryOf, useAccess, useMe, usePay, usePayment, useService, useServiceQuery, useSignIn, useSignOut };