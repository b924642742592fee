import { dictionary } from '../shared/language.ts'

export const words = dictionary({
  en: {
    title: 'Sign in',
    what: 'Elevators and electricity, watched day and night.',
    name: 'Name',
    password: 'Password',
    signIn: 'Sign in',
    wrong: 'The name or the password is wrong.',
    forgotten: 'No account, or the password is forgotten? An operator sends you a link.',
    byProvider: 'Sign in at your organisation',
    refusals: {
      unknown:
        'We know now who you are, but nobody has given you access here. Ask an operator, who sees that you tried.',
      declined: 'You did not sign in there. Nothing has changed.',
      unproven: 'That took too long, or was begun in another window. Begin again from here.',
      unavailable: "Your organisation's sign-in cannot be reached now. Your name and password work as always.",
      'too-many': 'Too many tries from here. Wait a minute.',
    },
    tooOften: (seconds: number) => `Tried too often. Wait ${seconds} s, or ask an operator for a link.`,
  },
  'zh-CN': {
    title: '登录',
    what: '电梯与用电，昼夜值守。',
    name: '用户名',
    password: '密码',
    signIn: '登录',
    wrong: '用户名或密码错误。',
    forgotten: '没有账号或忘记密码？请联系管理员发送链接。',
    byProvider: '使用单位账号登录',
    refusals: {
      unknown: '您的身份已确认，但尚未获得本系统的使用权限。请联系管理员，管理员可以看到您的这次登录。',
      declined: '您没有在单位账号页面完成登录，一切未变。',
      unproven: '登录超时，或是从另一个窗口开始的。请从这里重新登录。',
      unavailable: '暂时无法连接单位登录服务。用户名和密码仍可照常使用。',
      'too-many': '尝试次数过多，请一分钟后再试。',
    },
    tooOften: (seconds) => `尝试次数过多，请 ${seconds} 秒后再试，或联系管理员发送链接。`,
  },
})
