import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** Somebody whom the provider knows. */
export interface Person {
  readonly subject: string
  readonly email?: string
  readonly isVerified?: boolean | string
}

export interface TestProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Who sits before the browser and signs in, whenever somebody is asked to; undefined = they would rather not. */
  person: Person | undefined
  /** How often somebody asked for tokens. */
  tokenRequests: number
  /** Goes where our redirect says, as a browser would; answers where it is sent back to. */
  visit(url: string): Promise<URL>
  /** As when it is down. */
  stop(): Promise<void>
  startAgain(): Promise<void>
}

const clientId = 'liftwatt'
const clientSecret = 'a secret of the client, 40 characters long'

/** A real OpenID Connect provider, certified as such, on a port of this machine. */
export async function startTestProvider(redirectUrl: string): Promise<TestProvider> {
  let listener: RequestListener = () => {}
  let server = await listen(0, (...given) => listener(...given))
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const people = new Map<string, Person>()
  const provider: Provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUrl] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    cookies: { keys: ['a key of the test'] },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => {
      const person = people.get(id)
      return {
        accountId: id,
        claims: async () => ({ sub: id, email: person?.email, email_verified: person?.isVerified ?? true }),
      }
    },
    // nobody is asked whether Liftwatt may know who they are
    async loadExistingGrant({ oidc: { client, session } }) {
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
  })
  const callback = provider.callback()
  listener = (request, response) => {
    if (request.url === '/token') running.tokenRequests += 1
    if (!request.url?.startsWith('/interaction/')) return callback(request, response)
    const { person } = running
    if (person !== undefined) people.set(person.subject, person)
    const declined = { error: 'access_denied', error_description: 'they would rather not' }
    const result = person === undefined ? declined : { login: { accountId: person.subject, remember: false } }
    return provider.interactionFinished(request, response, result)
  }

  const running: TestProvider = {
    ...{ issuer, clientId, clientSecret, person: undefined, tokenRequests: 0 },
    async visit(url) {
      const cookies = new Map<string, string>()
      let place = new URL(url)
      while (place.origin === issuer) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
        const answer = await fetch(place, { redirect: 'manual', headers: { cookie } })
        for (const set of answer.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
          cookies.set(name, value)
        }
        const to = answer.headers.get('location')
        if (to === null) throw new Error(`the provider says ${answer.status}: ${await answer.text()}`)
        place = new URL(to, place)
      }
      return place
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    async startAgain() {
      server = await listen(port, (...given) => listener(...given))
    },
  }
  return running
}

async function listen(port: number, onRequest: RequestListener): Promise<Server> {
  const server = createServer(onRequest)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return server
}
