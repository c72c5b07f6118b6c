import { registerHooks } from 'node:module';

/** React DOM 18 requires `react` by that name, which Vite's aliases do not change. */
registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'react' ? 'react-18' : specifier, context),
});
