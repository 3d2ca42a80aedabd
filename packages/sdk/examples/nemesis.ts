/** A team leader's college, and a registration that waits for an administrator. `node nemesis.ts [URL]` */
import { getCollege, getPerson, getRegistrations, logIn, logOut, register } from '@switchboard/sdk/nemesis'

const url = process.argv[2] ?? 'http://127.0.0.1:8080'
const { token } = await logIn({ url }, { username: 'teacher_coll1', password: 'facebees' })
const leader = { url, token }

const { college_name, userids, teams } = await getCollege(leader)
console.log(college_name)
for (const userid of userids) console.log(`  ${userid}: ${(await getPerson(leader, userid)).full_name}`)

const [team = ''] = teams
const email = `ada-${Date.now().toString(36)}@example.org`
await register(leader, { first_name: 'Ada', last_name: 'Lovelace', email, team })
const waiting = await getRegistrations(leader)
console.log('waits:', waiting.find((one) => one.email === email)?.first_name)
await logOut(leader)
