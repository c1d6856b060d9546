import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `npm run dev`-style work needs a Hashwatt (or dev/fake-server.mjs) on this port; the build needs none. */
const api = "http://127.0.0.1:8080";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // Every asset stays a file: the server's policy allows no data: fonts and no inline styles.
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    reportCompressedSize: true,
  },
  server: { host: "127.0.0.1", proxy: { "/api": api, "/live": { target: api, ws: true } } },
});
