import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { startBackend } from './backend';
import { session } from './session';
import './style.css';

await startBackend();
// The backend starts with the page, so it does not know sessions from before a reload.
await session.signOut();
const { router } = await import('./router'); // imported only now, because its first loader needs the backend

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
