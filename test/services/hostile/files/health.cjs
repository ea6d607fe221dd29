// The container's health check: as sick as /health says, and never quiet.
const { escapes } = require('./escapes.cjs');
fetch('http://127.0.0.1:8080/health').then(
  ({ ok }) => {
    console.log(`${escapes}health says: ${ok}`);
    process.exit(ok ? 0 : 1);
  },
  () => process.exit(1),
);
