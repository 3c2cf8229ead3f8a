// Azure's SDK against the simulator; see 32_azure_sdk.sh.
"use strict";
const assert = require("assert");
const fs = require("fs");
const { NetworkManagementClient } = require("@azure/arm-network");

const subscription = "11111111-2222-3333-4444-555555555555";
const address = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

async function getToken() {
  const form = new URLSearchParams({
    grant_type: "client_credentials", client_id: "sdk",
    client_secret: "simulated~secret+/=1", scope: address.url + "/.default",
  });
  const answer = await fetch(address.url + "/tenant/oauth2/v2.0/token",
                             { method: "POST", body: form });
  const token = await answer.json();
  return { token: token.access_token,
           expiresOnTimestamp: Date.now() + token.expires_in * 1000 };
}

async function main() {
  const client = new NetworkManagementClient(
    { getToken }, subscription, { endpoint: address.url });
  const groups = [];
  for await (const group of client.networkSecurityGroups.listAll()) {
    groups.push(group);
  }
  assert(groups.length >= 5, "pages are followed");
  assert(groups.every((g) => g.id && g.securityRules.length), "shapes");
  const machine = `/subscriptions/${subscription}/resourceGroups/rg-shop-web` +
    "/providers/Microsoft.Compute/virtualMachines/vm-web-01";
  const question = {
    targetResourceId: machine, direction: "Inbound", protocol: "TCP",
    localPort: "443", remotePort: "1024", localIPAddress: "10.101.1.4",
    remoteIPAddress: "203.0.113.5",
  };
  const watchers = client.networkWatchers;
  const verify = watchers.verifyIPFlow || watchers.beginVerifyIPFlowAndWait;
  const result = await verify.call(watchers, "rg", "watcher", question,
                                   { updateIntervalInMs: 50 });
  assert(result.access === "Allow", "the operation ends with its result");
  console.log(`ok     ${groups.length} groups, ${result.ruleName}`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
