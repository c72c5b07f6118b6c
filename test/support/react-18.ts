import { registerHooks } from 'node:module';

/** React DOM 18 asks for `react` by that name, which aliases of Vite's do not reach. */
registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'react' ? 'react-18' : specifier, context),
});
