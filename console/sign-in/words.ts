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
    tooOften: (seconds) => `尝试次数过多，请 ${seconds} 秒后再试，或联系管理员发送链接。`,
  },
})
