/* What the tests use of a package that has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Context {
    readonly oidc: { readonly client: { readonly clientId: string }; readonly session: { readonly accountId: string } }
  }

  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export default class Provider {
    constructor(
      issuer: string,
      configuration: {
        clients: readonly object[]
        claims: Readonly<Record<string, readonly string[]>>
        cookies: { keys: readonly string[] }
        ttl: Readonly<Record<string, number>>
        features: Readonly<Record<string, { enabled: boolean }>>
        interactions: { url(context: Context, interaction: { uid: string }): string }
        findAccount(context: Context, id: string): { accountId: string; claims(): Promise<object> }
        loadExistingGrant(context: Context): Promise<Grant>
      },
    )
    readonly Grant: new (of: {
      clientId: string
      accountId: string
    }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  }
}
