export {
  createTestBackend,
  type TestBackend,
  type TestBackendCall,
  type TestBackendStats,
} from './backend.js';
export type { Fault } from './faults.js';
export type { Endpoint, TestBackendOptions, TestUser } from './options.js';
