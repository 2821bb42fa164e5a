/** Style sheets are imported for their effect alone; Vite puts them beside the script. */
declare module '*.css';
