// Asks IP flow verify through Azure's SDK: node ip_flow_verify.js ENDPOINT
"use strict";
const assert = require("node:assert");
const { NetworkManagementClient } = require("@azure/arm-network");

const subscription = "11111111-2222-3333-4444-555555555555";
const credential = {
  getToken: async () => ({
    token: "not-a-secret",
    expiresOnTimestamp: Date.now() + 3600000,
  }),
};
const client = new NetworkManagementClient(credential, subscription, {
  endpoint: process.argv[2],
});
const machine = (group, name) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/` +
  `Microsoft.Compute/virtualMachines/${name}`;
const ask = (parameters) =>
  client.networkWatchers.beginVerifyIPFlowAndWait(
    "NetworkWatcherRG", "NetworkWatcher_westeurope", parameters);

const main = async () => {
  const question = {
    targetResourceId: machine("rg-shop-web", "vm-web-01"),
    direction: "Inbound",
    protocol: "TCP",
    localPort: "443",
    remotePort: "*",
    localIPAddress: process.env.LOCAL || "10.101.1.4",
    remoteIPAddress: "203.0.113.200",
  };
  const allowed = await ask(question);
  assert.strictEqual(allowed.access, "Allow");
  assert.match(allowed.ruleName, /^(default)?securityRules\//i);

  const denied = await ask({ ...question, localPort: "3389" });
  assert.strictEqual(denied.access, "Deny");

  await assert.rejects(
    ask({ ...question, targetResourceId: machine("rg-shop-web", "none") }),
    (error) => error.statusCode === 404 && error.code === "ResourceNotFound");
  await assert.rejects(
    ask({ ...question, localPort: "443-444" }),
    (error) => error.statusCode === 400 && error.code === "InvalidParameter");
  console.log(
    `the SDK was told ${allowed.access} by ${allowed.ruleName}, ` +
    `${denied.access} by ${denied.ruleName}, and two errors`);
};

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
