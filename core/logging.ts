/** Options for pino: secrets never reach a log line, whatever object is logged. */
export function loggerOptions(level: string) {
  const secrets = ['password', 'authorization', 'cookie', 'token', 'secret', 'connectionString', 'phone']
  return {
    level,
    base: null,
    redact: {
      paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  }
}
