import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SignInWays } from '../../api/schemas.ts'
import { ApiProblem, get } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { problemText } from '../shared/problem-text.ts'
import { navigate, place, placeWithin } from '../shared/router.ts'
import { hasRole, me, rememberCrew, signIn } from '../shared/session.ts'
import type { Wire } from '../shared/wire.ts'
import { words } from './words.ts'
import './sign-in.css'

/** Name and password, or the provider's page where there is one; then the page that was asked for. */
export function Page() {
  const say = words()
  const [name, password, problem, busy] = [useSignal(''), useSignal(''), useSignal<unknown>(null), useSignal(false)]
  const provider = useSignal<string | null>(null)
  const { query } = place.value
  const next = nextOf(query)
  useEffect(() => {
    if (!me.value) return
    rememberCrew(me.value) // who came back from the provider
    navigate(next, 'replace')
  }, [me.value, next])
  useEffect(() => {
    // who cannot ask has the form; it will say what is wrong
    findProvider().then(
      (url) => {
        provider.value = url
      },
      () => {},
    )
  }, [])

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    busy.value = true
    problem.value = null
    try {
      // a phone writes the first letter of a name large, or a space after it
      await signIn(name.value.trim().toLowerCase(), password.value)
    } catch (cause) {
      problem.value = cause
      password.value = ''
    }
    busy.value = false
  }

  const refused = problem.value === null ? providerRefusal(query) : refusalText(problem.value)
  return (
    <main class="column sign-in">
      <header class="column-header">
        <h1>Liftwatt</h1>
        <Preferences />
      </header>
      <p class="muted">{say.what}</p>
      <form onSubmit={submit} class="card" aria-label={say.title}>
        <Field label={say.name} value={name} autocomplete="username" required />
        <Field label={say.password} value={password} type="password" autocomplete="current-password" required />
        {refused !== undefined && (
          <p role="alert" class="wrong">
            ■ {refused}
          </p>
        )}
        <Button type="submit" look="main" busy={busy.value}>
          {say.signIn}
        </Button>
        {provider.value !== null && (
          <a class="button" href={`${provider.value}?${new URLSearchParams({ next: query.get('next') ?? '' })}`}>
            {say.byProvider}
          </a>
        )}
      </form>
      <p class="muted">{say.forgotten}</p>
    </main>
  )
}

async function findProvider(): Promise<string | null> {
  const { provider } = await get<Wire<typeof SignInWays>>('/sign-in')
  return provider?.url ?? null
}

/** Why the provider's page led back here and not further; undefined when it did not. */
function providerRefusal(query: URLSearchParams): string | undefined {
  const { refusals } = words()
  const problem = query.get('problem') ?? ''
  return Object.hasOwn(refusals, problem) ? refusals[problem as keyof typeof refusals] : undefined
}

function refusalText(cause: unknown): string {
  const say = words()
  if (cause instanceof ApiProblem && cause.code === 'unauthenticated') return say.wrong
  if (cause instanceof ApiProblem && cause.code === 'too-many-requests')
    return say.tooOften(cause.retryAfterSeconds ?? 60)
  return problemText(cause)
}

/** A page of this app and nothing else: an address of somebody else's may stand there. */
function nextOf(query: URLSearchParams): string {
  const next = query.get('next') ?? (hasRole(['duty-room']) ? '/duty' : '/')
  const within = placeWithin(next)
  return within === null || within.startsWith('/sign-in') ? '/' : within
}
