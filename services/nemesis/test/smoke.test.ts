import { test } from 'vitest'
import { openHouse } from './support/house.ts'

test('x', async () => {
  console.time('db')
  await using h = await openHouse()
  console.timeEnd('db')
  console.time('app')
  const p = await h.process()
  console.timeEnd('app')
  const token = await p.token()
  console.log(
    token,
    await p.get('/college', token),
    await p.get('/user/student_coll1_1', token),
    await p.get('/user/student_coll2_1', token),
  )
  console.log(
    await p.post('/deauth', { token }),
    await p.get('/college', token),
    await p.get('/site/sha'),
    await p.get('/userman/site/sha'),
  )
})
