import type { Account } from '../core/account.ts'
import type { PasswordFault } from '../registry/passwords.ts'
import type { Language } from './messages.ts'
import { escaped, pageLook, pageOf } from './page.ts'

const style = `
:root { color-scheme: light dark; --line: light-dark(#80868f, #7a828c); --good: light-dark(#0a6b3d, #5fd39a); --bad: light-dark(#b3261e, #ff8a80); --act: light-dark(#0b57d0, #a8c7fa); --on-act: light-dark(#fff, #062e6f) }
body { margin: 0 auto; max-width: 34rem; padding: 1rem 1rem 2rem; font: 1.125rem/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { margin: 0 0 .5rem; font-size: 1.5rem } a { color: var(--act) } label { display: block; margin: 1rem 0 .25rem } .rule { font-size: .875rem; opacity: .8 } strong { overflow-wrap: anywhere }
input { box-sizing: border-box; width: 100%; padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; font: inherit }
button { width: 100%; min-height: 3.5rem; margin: 1.5rem 0 1rem; border: 0; border-radius: .75rem; background: var(--act); color: var(--on-act); font: inherit; font-weight: 600 }
.note { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem } .good { color: var(--good) } .bad { color: var(--bad) }
`

export const joinLook = pageLook(style, "'self'")

export type JoinProblem = PasswordFault | 'not-the-same' | 'too-many-requests'

interface Words {
  readonly title: string
  readonly hello: (name: string) => string
  readonly account: string
  readonly password: string
  readonly again: string
  readonly rule: string
  readonly save: string
  readonly problems: Readonly<Record<JoinProblem, string>>
  readonly doneTitle: string
  readonly done: string
  readonly signIn: string
  readonly lostTitle: string
  readonly lost: string
  readonly otherLanguage: string
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Set your password',
    hello: (name) => `Welcome, ${name}.`,
    account: 'Account name, to sign in with: ',
    password: 'New password',
    again: 'Once more',
    rule: 'At least 12 characters of any kind; several words are easier to remember than signs.',
    save: 'Save',
    problems: {
      'too-short': 'The password is too short: it needs 12 characters.',
      'too-long': 'The password is too long: 128 characters are the most.',
      'too-common': 'This password is one of those that are tried first. Take another one.',
      'own-name': 'The password must not be your own name, or ours.',
      'not-the-same': 'The two are not the same.',
      'too-many-requests': 'Too many people are signing in at this moment. Try again in a few seconds.',
    },
    doneTitle: 'Your password is set',
    done: 'Sign in with it from now on. Wherever you were signed in before, you are signed out.',
    signIn: 'Sign in',
    lostTitle: 'This link leads nowhere',
    lost: 'It is wrong, was used already, or has expired. Ask an operator for a new one.',
    otherLanguage: '中文',
  },
  'zh-CN': {
    title: '设置密码',
    hello: (name) => `您好，${name}。`,
    account: '账号（登录时使用）：',
    password: '新密码',
    again: '再次输入',
    rule: '至少 12 个字符，不限种类；几个词连在一起比符号更容易记住。',
    save: '保存',
    problems: {
      'too-short': '密码太短，至少需要 12 个字符。',
      'too-long': '密码太长，最多 128 个字符。',
      'too-common': '这个密码太常见，容易被猜中，请换一个。',
      'own-name': '密码不能是您的名字或本系统的名称。',
      'not-the-same': '两次输入不一致。',
      'too-many-requests': '此刻登录人数过多，请几秒后再试。',
    },
    doneTitle: '密码已设置',
    done: '今后请用新密码登录。此前登录的设备均已退出。',
    signIn: '登录',
    lostTitle: '链接无效',
    lost: '链接有误、已被使用或已过期，请向管理员索取新链接。',
    otherLanguage: 'English',
  },
}

/** Where somebody sets a password by a one-time link. No script; the account's name is there for the browser's password store. */
export function joinPage(language: Language, account: Pick<Account, 'id' | 'name'>, problem?: JoinProblem): string {
  const say = words[language]
  const told = problem === undefined ? '' : `<p class="note bad" role="alert">${escaped(say.problems[problem])}</p>`
  return titled(
    language,
    say.title,
    `<p>${escaped(say.hello(account.name))}</p>
${told}
<form method="post" action="?lang=${language}">
<p>${escaped(say.account)}<strong>${escaped(account.id)}</strong></p>
<input type="hidden" name="username" autocomplete="username" value="${escaped(account.id)}">
<label for="password">${escaped(say.password)}</label>
<input id="password" name="password" type="password" autocomplete="new-password" required aria-describedby="rule">
<label for="again">${escaped(say.again)}</label>
<input id="again" name="again" type="password" autocomplete="new-password" required>
<p class="rule" id="rule">${escaped(say.rule)}</p>
<button>${escaped(say.save)}</button>
</form>
${otherLanguage(language)}`,
  )
}

export function joinedPage(language: Language): string {
  const say = words[language]
  const signIn = `<p><a href="/console/sign-in">${escaped(say.signIn)}</a></p>`
  return titled(language, say.doneTitle, `<p class="note good" role="status">${escaped(say.done)}</p>\n${signIn}`)
}

export function lostPage(language: Language): string {
  const say = words[language]
  return titled(language, say.lostTitle, `<p>${escaped(say.lost)}</p>\n${otherLanguage(language)}`)
}

function otherLanguage(language: Language): string {
  return `<p><a href="?lang=${language === 'en' ? 'zh-CN' : 'en'}">${escaped(words[language].otherLanguage)}</a></p>`
}

function titled(language: Language, title: string, body: string): string {
  return pageOf(joinLook, language, title, `<h1>${escaped(title)}</h1>\n${body}`)
}
