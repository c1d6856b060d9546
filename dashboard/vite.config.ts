import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";

/** `npm run dev`-style work needs a Hashwatt (or dev/fake-server.mjs) on this port; the build needs none. */
const api = "http://127.0.0.1:8080";

const config: UserConfig = {
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
};

export default defineConfig(({ command }) => {
  // A test or a shell that sets another NODE_ENV would get React's development build, half as large again.
  if (command === "build") process.env.NODE_ENV = "production";
  return config;
});
