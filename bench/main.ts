/** The benches, a program of its own: production code does not import it. Started by `liftwatt bench` (`npm run bench -- <name>`). */
import { Command } from 'commander'
import { benchBacktest } from './backtest.ts'
import { benchDeadlines } from './deadlines.ts'
import { benchDetectors } from './detectors.ts'
import { benchFleet } from './fleet.ts'
import { benchIngest } from './ingest.ts'
import { benchKpi } from './kpi.ts'
import { benchLatency } from './latency.ts'
import { benchLists } from './lists.ts'
import { benchNab } from './nab.ts'
import { benchRul } from './rul.ts'
import { benchSkab } from './skab.ts'
import { benchSoak } from './soak.ts'
import { benchStartup } from './startup.ts'
import { benchStorm } from './storm.ts'
import { benchStream } from './stream.ts'
import { benchTracebase } from './tracebase.ts'
import { trainLoads } from './train-loads.ts'

const program = new Command('liftwatt bench')
  .description('Measure this version on this machine; figures and their meaning: docs/performance.md')
  .addHelpText(
    'after',
    '\nExample:\n  liftwatt bench ingest --seconds 10\nThere is no --json: figures are printed with their meaning.',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

const number = (text: string) => {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`a number above 0 is wanted, not "${text}"`)
  return value
}

program
  .command('ingest')
  .description('messages/s acknowledged, and stored and analysed, against bare aedes')
  .option('--rounds <n>', 'of both, alternating', number, 3)
  .option('--seconds <n>', 'of each measurement', number, 10)
  .option('--connections <n>', 'each a gateway with one device', number, 500)
  .option('--window <n>', 'unacknowledged messages of a connection', number, 32)
  .option('--bare-flags <flags>', 'of Node for bare aedes, which has none otherwise', '')
  .action(benchIngest)

program
  .command('latency')
  .description('time to the PUBACK and from a fault to its order, at 15 % of the own maximum')
  .option('--rounds <n>', 'of PUBACK times', number, 3)
  .option('--seconds <n>', 'of each measurement', number, 10)
  .option('--connections <n>', 'each a gateway with one device', number, 1000)
  .option('--faults <n>', 'orders to wait for', number, 200)
  .option('--people', 'with teams on duty behind webhooks, who are told', false)
  .action(benchLatency)

program
  .command('detectors')
  .description('cost per reading and state per device of all detectors')
  .option('--rounds <n>', 'after one for the compiler', number, 5)
  .option('--devices <n>', 'in the mix', number, 500)
  .option('--readings <n>', 'of each device', number, 500)
  .action(benchDetectors)

program
  .command('fleet')
  .description('detection quality on a simulated fleet with faults: found, missed, false, how soon, at what cost')
  .option('--devices <n>', 'elevators and electricity meters as in the pilot: 3842 for the whole', number, 60)
  .option('--days <n>', 'simulated; 18 or more for faults that wear', number, 30)
  .option('--interval <n>', 'seconds between two readings of a device', number, 30)
  .option('--seed <n>', 'of the fleet and its faults', number, 1)
  .option('--fault-rate <n>', 'faults per device and year in the half that recall is measured on', number, 73)
  .action(benchFleet)

program
  .command('backtest')
  .description('how fast a back-test replays stored readings, and how long the pilot would take')
  .option('--devices <n>', 'elevators and electricity meters as in the pilot', number, 200)
  .option('--days <n>', 'stored', number, 3)
  .option('--interval <n>', 'seconds between two readings of a device', number, 60)
  .option(
    '--rules <findings>',
    'to replay, with commas in between',
    'electricity-meter/terminal-over-temperature,elevator/door-close-drift,elevator/entrapment,elevator/silent',
  )
  .action(benchBacktest)

program
  .command('deadlines')
  .description('seeing and firing what is due, beside many open deadlines')
  .option('--open <n>', 'deadlines that are not due yet', number, 100_000)
  .action(benchDeadlines)

program
  .command('storm')
  .description(
    'thousands of elevators faulty within a minute: an order for each or for their group, the API meanwhile, memory',
  )
  .option('--elevators <n>', 'all of them', number, 10_000)
  .option('--seconds <n>', 'within which they fail', number, 60)
  .option('--patience <n>', 'seconds for the last order after that', number, 240)
  .action(benchStorm)

program
  .command('stream')
  .description('how soon many readers of the live stream hear of an order, and what they cost')
  .option('--readers <n>', 'half of them see everything, the others a district', number, 1_000)
  .option('--orders <n>', 'opened by hand, one after the other', number, 100)
  .action(benchStream)

program
  .command('lists')
  .description('the first page of every filter, and every search, among many orders')
  .option('--orders <n>', 'of a year', number, 100_000)
  .option('--rounds <n>', 'of each query', number, 20)
  .action(benchLists)

program
  .command('kpi')
  .description("the insurer's figures of a year: roll-up, page, drill-down, and the overview of a city")
  .option('--elevators <n>', 'of the portfolio', number, 2_763)
  .option('--city <n>', 'elevators of the city', number, 224_833)
  .option('--rounds <n>', 'of each question, after the first', number, 5)
  .action(benchKpi)

program
  .command('startup')
  .description('clone, npm ci, ready; memory at rest')
  .option('--rounds <n>', 'each a new clone', number, 3)
  .action(benchStartup)

program
  .command('soak')
  .description('memory over hours of steady load')
  .option('--minutes <n>', 'how long', number, 60)
  .option('--rate <n>', 'messages/s of all connections together', number, 5_000)
  .option('--connections <n>', 'each a gateway with one device', number, 500)
  .action(benchSoak)

program
  .command('rul')
  .description('remaining life of public run-to-failure tests, by the estimator of the wear detectors')
  .requiredOption('--data <dir>', 'folder of the set: set.json, train.csv, test.csv')
  .requiredOption('--out <dir>', 'where predictions.csv goes')
  .option('--limit <level>', 'at which a unit has failed', number, 600)
  .action(benchRul)

program
  .command('nab')
  .description('the anomaly scorer on the Numenta Anomaly Benchmark')
  .requiredOption('--data <dir>', 'folder of the set, with set.json')
  .requiredOption('--out <dir>', 'folder for the scores of each row')
  .action(benchNab)

program
  .command('skab')
  .description('the anomaly scorer on the Skoltech Anomaly Benchmark')
  .requiredOption('--data <dir>', 'folder of the set, with set.json')
  .requiredOption('--out <dir>', 'folder for the scores of each row')
  .action(benchSkab)

program
  .command('tracebase')
  .description('appliances by a day of one-minute power: known devices, and devices never seen')
  .requiredOption('--data <dir>', 'folder of the set: set.json, train.csv, test.csv')
  .requiredOption('--out <dir>', 'where predictions.csv goes')
  .action(benchTracebase)

program
  .command('train-loads')
  .description('learn the load models anew; the same bytes for the same days')
  .requiredOption('--data <dir>', 'folder of the tracebase set: set.json, train.csv')
  .requiredOption('--out <file>', 'devices/electricity-meter/loads/model.ts')
  .action(trainLoads)

program.parseAsync().catch((cause: unknown) => {
  console.error(cause)
  process.exit(1)
})
