// What an agent does, through the clients of npm. Copied beside their node_modules before it runs.
// usage: node agent_loop.mjs v1|legacy|auto  URL|JSON command line  JSON plan; prints the outcome as JSON
const [line, target, planText] = process.argv.slice(2);
const plan = JSON.parse(planText);

async function connected() {
  const info = { name: "decision-gate-tests", version: "1" };
  const isHttp = target.startsWith("http");
  const command = isHttp ? null : JSON.parse(target);
  const stdio = isHttp ? null : { command: command[0], args: command.slice(1), cwd: plan.cwd, stderr: "ignore" };
  if (line === "v1") {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const http = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
    const std = await import("@modelcontextprotocol/sdk/client/stdio.js");
    const client = new Client(info, { capabilities: {} });
    await client.connect(
      isHttp ? new http.StreamableHTTPClientTransport(new URL(target)) : new std.StdioClientTransport(stdio),
    );
    return client;
  }
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
  const client = new Client(info, line === "auto" ? { versionNegotiation: { mode: "auto" } } : {});
  await client.connect(isHttp ? new StreamableHTTPClientTransport(new URL(target)) : new StdioClientTransport(stdio));
  return client;
}

const client = await connected();
const { tools } = await client.listTools();
const answers = [];
for (const [name, args] of plan.calls) {
  const answer = await client.callTool({ name, arguments: args });
  answers.push([answer.isError === true, answer.structuredContent]);
}
let unknown = null;
try {
  await client.callTool({ name: "none", arguments: {} });
} catch (error) {
  unknown = error.code;
}
const read = await client.readResource({ uri: plan.uri });
const version = line === "v1" ? "2025-11-25" : client.getNegotiatedProtocolVersion();
await client.close();
console.log(JSON.stringify({ tools: tools.map((tool) => tool.name), answers, unknown, version, read: read.contents[0].text }));
process.exit(0);
