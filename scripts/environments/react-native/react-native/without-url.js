import axios from 'axios';
import { createSession, envelopeBackend } from 'unexpired';
import { attachSession } from 'unexpired/axios';

const session = createSession({ backend: envelopeBackend({ url: 'https://api.test/update_token/' }) });
try {
  attachSession(axios.create({ baseURL: 'https://api.test' }), session);
} catch (error) {
  console.log(error.message);
}
