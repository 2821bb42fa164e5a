/** Imports of style sheets have no exports. Vite writes the styles to separate files. */
declare module '*.css';
