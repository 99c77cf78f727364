declare module 'fastify' {
  interface FastifyInstance {
    /** What a caller without a token is told of where to get one. */
    readonly challenge: string;
  }
  interface FastifyContextConfig {
    /** Requests are recorded in the audit, measured and logged. */
    recorded?: boolean;
    /** Errors are `application/problem+json`. */
    problems?: boolean;
  }
}

export {};
