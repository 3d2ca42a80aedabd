/** Holds an entry and a claim on the Redis that REDIS_URL names until it is killed. */
import { redisConnector } from '@switchboard/kit/redis'
import { openBus } from '../../src/bus.ts'

const { presence, broker } = await openBus(redisConnector(process.env['REDIS_URL'] ?? ''))
const connection = `${broker.process}.1`
await presence.enter('ide:space', { connection, person: 'ann', since: 1 })
await presence.enter('person:ann', { connection, person: 'ann', since: 1 })
await presence.claim('nick', connection)
console.log('http://held:1')
