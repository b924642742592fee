// One sentence where Liftwatt cannot run. No new syntax here: an older Node must get as far as that.
const [major, minor] = process.versions.node.split('.').map(Number)
// as `engines` of package.json says: what builds the console needs no less
if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12)) {
  console.error(`Liftwatt needs Node.js 22.12 or newer, or 20 from 20.19 on; this is ${process.version}.`)
  process.exit(1)
}
if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
  console.error(
    'Liftwatt needs a Linux with glibc (Debian, Ubuntu, RHEL, …): the database engines have no builds for musl.',
  )
  process.exit(1)
}
