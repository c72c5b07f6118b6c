import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { startBackend } from './backend';
import { session } from './session';
import './style.css';

await startBackend();
// The backend is as new as the page: it knows no session of before.
await session.signOut();
const { router } = await import('./router'); // whose first loader needs the backend

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
