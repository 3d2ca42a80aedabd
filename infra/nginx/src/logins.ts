/** Requests of one address: so many at once, and so many a second after that. */
export interface LoginRate {
  perSecond: number
  burst: number
}

/**
 * Beyond what protocol's `LIMITS` allow (100 failed log-ins in 15 minutes, 60 sign-ups a minute), so that a service
 * answers first, in its own form; this is for whoever does not care, and costs a service no connection.
 */
export const LOGIN_RATE: LoginRate = { perSecond: 10, burst: 200 }

/** Where passwords are checked or made. */
const LOGIN_PATHS = [
  '/api/v1/user/auth',
  '/api/v1/user/login',
  '/api/v1/user/signup',
  '/api/v1/users',
  '/api/v1/login',
  '/auth',
  '/userman/auth',
]

/** On the decoded path, as the services match it: `/%61uth` is none of ours, but `/api/v1/user/%61uth` is. */
export const renderLogins = ({ perSecond }: LoginRate): string => `
  map $path $login_client {
    default "";
${LOGIN_PATHS.map((path) => `    "~^${path}/?$" $binary_remote_addr;`).join('\n')}
  }
  limit_req_zone $login_client zone=logins:10m rate=${perSecond}r/s;
  limit_req_status 429;`
