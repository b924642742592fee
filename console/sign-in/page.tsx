import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ApiProblem } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { problemText } from '../shared/problem-text.ts'
import { navigate, place } from '../shared/router.ts'
import { hasRole, me, signIn } from '../shared/session.ts'
import { words } from './words.ts'

/** Name and password; then the page that was asked for. */
export function Page() {
  const say = words()
  const [name, password, problem, busy] = [useSignal(''), useSignal(''), useSignal<unknown>(null), useSignal(false)]
  const next = nextOf(place.value.query)
  useEffect(() => {
    if (me.value) navigate(next, 'replace')
  }, [me.value, next])

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
        {problem.value !== null && (
          <p role="alert" class="wrong">
            ■ {refusalText(problem.value)}
          </p>
        )}
        <Button type="submit" look="main" busy={busy.value}>
          {say.signIn}
        </Button>
      </form>
      <p class="muted">{say.forgotten}</p>
    </main>
  )
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
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/'
}
