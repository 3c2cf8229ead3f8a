#!/bin/sh
# usage: web_estate.sh FOLDER FLOWS
# Writes an estate of 100 interfaces in one network and a configuration with
# so many flows.
set -eu
folder=$1
flows=$2
mkdir -p "$folder/data"
awk -v flows="$flows" -v folder="$folder" 'BEGIN {
    base = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-bench/providers/Microsoft.Network/"
    data = folder "/data/all.json"
    printf "{\"value\":[{\"id\":\"%svirtualNetworks/vnet\",\"name\":\"vnet\",\"type\":\"Microsoft.Network/virtualNetworks\",\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/8\"]},\"subnets\":[", base > data
    for (s = 0; s < 10; s++)
        printf "%s{\"id\":\"%svirtualNetworks/vnet/subnets/s%d\",\"name\":\"s%d\",\"properties\":{\"addressPrefix\":\"10.0.%d.0/24\",\"networkSecurityGroup\":{\"id\":\"%snetworkSecurityGroups/nsg-tier-%d\"}}}", s ? "," : "", base, s, s, s, base, s > data
    printf "]}}" > data
    for (s = 0; s < 10; s++) {
        printf ",{\"id\":\"%snetworkSecurityGroups/nsg-tier-%d\",\"name\":\"nsg-tier-%d\",\"type\":\"Microsoft.Network/networkSecurityGroups\",\"properties\":{\"securityRules\":[", base, s, s > data
        for (r = 0; r < 50; r++)
            printf "%s{\"name\":\"allow-service-%d\",\"id\":\"%snetworkSecurityGroups/nsg-tier-%d/securityRules/allow-service-%d\",\"properties\":{\"priority\":%d,\"direction\":\"Inbound\",\"access\":\"%s\",\"protocol\":\"Tcp\",\"sourceAddressPrefix\":\"10.%d.0.0/16\",\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"%d\"}}", r ? "," : "", r, base, s, r, 100 + r * 10, r % 5 ? "Allow" : "Deny", r, 1000 + r > data
        printf "]}}" > data
    }
    for (n = 0; n < 100; n++)
        printf ",{\"id\":\"%snetworkInterfaces/nic-%03d\",\"name\":\"nic-%03d\",\"type\":\"Microsoft.Network/networkInterfaces\",\"properties\":{\"primary\":true,\"ipConfigurations\":[{\"name\":\"c\",\"id\":\"%snetworkInterfaces/nic-%03d/ipConfigurations/c\",\"properties\":{\"primary\":true,\"privateIPAddress\":\"10.0.%d.%d\",\"subnet\":{\"id\":\"%svirtualNetworks/vnet/subnets/s%d\"}}}]}}", base, n, n, base, n, n % 10, 4 + n / 10, base, n % 10 > data
    printf "]}\n" > data

    config = folder "/flowverify.cfg"
    printf "interval = \"60s\";\nsource = { kind = \"directory\"; path = \"data\"; };\nflows = (\n" > config
    for (f = 0; f < flows; f++)
        printf "%s{ name = \"team-%02d/service-%05d\"; nic = \"rg-bench/nic-%03d\"; direction = \"Inbound\"; protocol = \"Tcp\"; local_port = %d; remote_address = \"10.%d.%d.%d\"; expect = \"%s\"; labels = { team = \"team-%02d\"; }; }", f ? ",\n" : "", f % 40, f, f % 100, 1000 + f % 50, f % 50, f / 250 % 250, f % 250, f % 50 % 5 ? "allow" : "deny", f % 40 > config
    printf "\n);\n" > config
}'
