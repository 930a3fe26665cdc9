import { onStopRequested } from '../../src/kernel/parent.ts'

/** Says what reaches it, for tests of the launcher; stops with exit code 3 when asked to. */
const lasting = setInterval(() => undefined, 60_000)
onStopRequested((reason) => {
  process.stdout.write(`stop ${reason}\n`)
  process.exitCode = 3
  setTimeout(() => clearInterval(lasting), 100)
})
process.stdout.write(`ready ${process.pid} ${process.argv.slice(2).join(' ')}\n`)
if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL')
