// Health check of the container: 0 while the gateway answers. It may drain: then it finishes its calls.
const url = process.env["TRUNKLINE_HEALTH_URL"] ?? "http://127.0.0.1:8080/health";
try {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(2500) });
  process.exitCode = status === 200 ? 0 : 1;
} catch {
  process.exitCode = 1;
}
