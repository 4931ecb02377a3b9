/** How apps and commands are told where the servers are. */
export const environmentFor = (/** @type {{ databaseUrl: string, redisUrl: string }} */ { databaseUrl, redisUrl }) => ({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
});
