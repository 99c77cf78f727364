declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requests are recorded in the audit, measured and logged. */
    recorded?: boolean;
    /** Errors are `application/problem+json`. */
    problems?: boolean;
  }
}

export {};
