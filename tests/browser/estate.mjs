// Writes an estate whose names and texts are hostile, with enough flows for
// several pages: node estate.mjs FOLDER
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const HOSTILE = "x<script>alert(1)</script>";
// A slash would end the name within an id.
const HOSTILE_NAME = "x<script>alert(1)<b>";
const subscription = "/subscriptions/11111111-2222-3333-4444-555555555555";
const network = (type, name) =>
  `${subscription}/resourceGroups/rg-a/providers/Microsoft.Network/${type}/${name}`;
const group = network("networkSecurityGroups", `nsg-${HOSTILE_NAME}`);
const subnet = network("virtualNetworks", "vnet-a") + "/subnets/apps";

const rule = (name, priority, access, port, extra = {}) => ({
  id: `${group}/securityRules/${name}`,
  name,
  properties: {
    priority, access, direction: "Inbound", protocol: "Tcp",
    description: `because ${HOSTILE} & "quotes"`,
    sourceAddressPrefix: "*", sourcePortRange: "*",
    destinationAddressPrefix: "*", destinationPortRange: port,
    ...extra,
  },
});

const resources = [
  {
    id: network("virtualNetworks", "vnet-a"), name: "vnet-a",
    type: "Microsoft.Network/virtualNetworks",
    properties: {
      addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
      subnets: [{
        id: subnet, name: "apps",
        properties: {
          addressPrefix: "10.1.0.0/24",
          networkSecurityGroup: { id: group },
        },
      }],
    },
  },
  {
    id: group, name: `nsg-${HOSTILE_NAME}`,
    type: "Microsoft.Network/networkSecurityGroups",
    properties: {
      securityRules: [
        rule("AllowWeb", 100, "Allow", "443"),
        rule(`Deny-${HOSTILE}`, 200, "Deny", "8000-8100"),
        rule("AllowSome", 300, "Allow", "9000", {
          sourceAddressPrefix: "10.9.0.0/25",
        }),
        rule("Tagged", 400, "Allow", "9500", {
          sourceAddressPrefix: "NoSuchTag",
        }),
      ],
    },
  },
];
const nics = [HOSTILE_NAME, "nic-b"];
nics.forEach((name, i) => {
  const id = network("networkInterfaces", name);
  resources.push({
    id, name, type: "Microsoft.Network/networkInterfaces",
    properties: {
      primary: true,
      ipConfigurations: [{
        name: "one", id: `${id}/ipConfigurations/one`,
        properties: {
          primary: true, privateIPAddress: `10.1.0.${4 + i}`,
          subnet: { id: subnet },
        },
      }],
    },
  });
});
mkdirSync(join(folder, "data"), { recursive: true });
writeFileSync(join(folder, "data", "all.json"),
  JSON.stringify({ value: resources }));
writeFileSync(join(folder, "data", `odd-${"<b>"}.json`), "{ not json");

const flow = (name, port, remote, expect, extra = "") => `
  { name = "${name}"; nic = "rg-a/${extra ? nics[0] : nics[1]}";
    description = "${extra || "A flow of the estate"}";
    direction = "Inbound"; protocol = "Tcp"; local_port = "${port}";
    remote_address = "${remote}"; expect = "${expect}";
    labels = { team = "${HOSTILE}"; }; }`;
const flows = [
  flow("web-open", "443", "*", "allow", `shop ${HOSTILE}`),
  flow("web-must-be-closed", "443", "203.0.113.9", "deny"),
  flow("admin-denied", "8080", "203.0.113.9", "deny"),
  flow("half-open", "9000", "10.9.0.0/24", "allow"),
  flow("nobody-knows", "9500", "203.0.113.9", "allow"),
  `{ name = "no-such-machine"; nic = "rg-a/none-${HOSTILE_NAME}";
     direction = "Inbound"; protocol = "Tcp"; local_port = 80;
     remote_address = "Internet"; expect = "deny"; }`,
];
for (let i = 0; i < 5000; i++) {
  flows.push(flow(`many-${String(i).padStart(5, "0")}`, "443",
    `198.51.${i >> 8}.${i & 255}`, "allow"));
}
writeFileSync(join(folder, "flowverify.cfg"), `
interval = "5s";
source = { kind = "directory"; path = "data"; };
flows = (${flows.join(",")}
);
`);
