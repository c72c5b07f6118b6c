/** The major version that the project runs the tests with. */
export const REACT = (import.meta as unknown as { env: Record<string, string> }).env.REACT ?? '19';
