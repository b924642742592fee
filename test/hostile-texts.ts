/** Each means something to SQL, InfluxQL, Flux, line protocol, a shell, a spreadsheet or a browser. */
export const hostileNames: readonly string[] = [
  '" or 1=1 --',
  "'; drop table devices; --",
  "' or ''='",
  '|> drop()',
  'a,b=c d="e"',
  'a\\',
  '\\"',
  'one\ntwo 1',
  'volts=1i 0',
  '$1 $$ $(x)',
  '%s%n%00',
  '=1+1',
  '<img src=x>',
  '🛗电梯',
]

/** The same, and what no name may be but a metric may. */
export const hostileTexts: readonly string[] = [
  ...hostileNames,
  '\0',
  'tab\there',
  '\r\n',
  ' ',
  'a,b',
  'a=b',
  '"',
  '\\\\',
  '\\n',
]
