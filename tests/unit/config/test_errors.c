/* Every bad configuration gives the one line that names file, line and cause:
 * all but the flows. */

#include "tests/support/test.h"

#include <libconfig.h>

#include "tests/support/bad_configs.h"
#include "tests/support/folder.h"

#define DIRECTORY "source = { kind = \"directory\"; path = \"x\"; };\n"
#define ID "00000000-0000-0000-0000-000000000000"
#define SUBSCRIPTIONS "subscriptions = ( { id = \"" ID "\"; } ); "
#define MANAGED "credential = { kind = \"managed_identity\"; }; "
/* A source on line 1 with 'keys', the rest of it right. */
#define AZURE(keys)                                                           \
    "source = { kind = \"azure\"; " SUBSCRIPTIONS MANAGED keys " };\n"
#define CUSTOM(endpoint)                                                      \
    AZURE("cloud = \"custom\"; arm_endpoint = \"" endpoint "\"; "             \
          "authority = \"https://a.example\"; audience = \"x\";")
/* A source on line 1, its credential on line 2. */
#define CREDENTIAL(keys)                                                      \
    "source = { kind = \"azure\"; " SUBSCRIPTIONS "\ncredential = { " keys    \
    " }; };\n"

static const struct bad_config syntax[] = {
    { "two equal signs", "interval = = 5;",
      "1: syntax error: a name is missing before '='" },
    { "on its line", DIRECTORY "\nflows = (;",
      "3: syntax error: the '(' of line 3 is never closed" },
    { "a list that does not end", DIRECTORY "\nflows = (",
      "3: syntax error: the '(' of line 3 is never closed" },
    { "a group that does not end", "source = {",
      "1: syntax error: the '{' of line 1 is never closed" },
    { "a string that does not end", "interval = \"60s;\n",
      "2: syntax error: the quote that opens in line 1 is not closed there" },
    { "a quote too few", "x = { a = \"b; c = \"d\"; };",
      "1: syntax error: a quote is missing or too many in this line" },
    { "a text over lines is no error", "x = \"a\nb\";\n y = = 5;",
      "3: syntax error: a name is missing before '='" },
    { "a word without quotes, which is not shown: it may be a secret",
      "# x = y\nsource = { a = 1.5; b = 0x1F; c = true; d = 5L;\n"
      "secret = Hunter2; };",
      "3: syntax error: the value of secret needs quotes" },
    { "an address without quotes", "remote_address = 10.0.2.5;",
      "1: syntax error: the value of remote_address needs quotes" },
    { "a word in a list", "a = [ \"x\", Internet ];",
      "1: syntax error: a word in a list needs quotes" },
#if LIBCONFIG_VER_MAJOR == 1 && LIBCONFIG_VER_MINOR <= 5 /* Later: none. */
    { "a comma too many", "flows = ( { },\n);",
      "2: syntax error: the comma before ')' has nothing behind it" },
#endif
    { "a comma too few", "flows = ( { }\n{ } );",
      "2: syntax error: a comma is missing between '}' and '{'" },
    { "the wrong bracket", "flows = (\n{ a = 1; ) };",
      "2: syntax error: ')' where the '{' of line 2 must be closed" },
    { "a bracket too many", "/* { */ a = 1; // {\n}",
      "2: syntax error: '}' closes nothing" },
    { "a comment that does not end", "x = /* y",
      "1: syntax error: a comment is not closed" },
    { "groups in an array", "flows = [ { } ];",
      "1: syntax error: a list of groups is written in ( ), not in [ ]" },
    { "groups in a group", "flows = { { } };",
      "1: syntax error: a list of groups is written in ( ), not in { }" },
    { "a key twice", "interval = \"60s\";\ninterval = \"61s\";",
      "2: duplicate setting name: a key stands twice in its group" },
    { "numbers and words in one array",
      DIRECTORY "flows = ( { remote_port = [ 80, \"90\" ]; } );",
      "2: mismatched element type in array: a list of numbers and words is "
      "written in ( )" },
    { "a number that libconfig would cut to 80",
      DIRECTORY "flows = ( { remote_port = 4294967376; } );",
      "2: 4294967376 is too large a number" },
    { "a hexadecimal one", "\n\nlimits = { flows = 0x100000001; };",
      "3: 0x100000001 is too large a number" },
    { "more than 64 bits", "limits = { flows = 99999999999999999999L; };",
      "1: 99999999999999999999 is too large a number" },
    { "UTF-16 of little end, as PowerShell's > writes it", "\xff\xfei",
      "1: the file is UTF-16; save it as UTF-8" },
    { "UTF-16 of big end", "\xfe\xff",
      "1: the file is UTF-16; save it as UTF-8" },
    { "an error behind a byte order mark",
      "\xef\xbb\xbf"
      "a = = 5;",
      "1: syntax error: a name is missing before '='" },
    { "an include of nothing", "\n@include \"nothing.cfg\"\n",
      "2: @include \"nothing.cfg\": No such file or directory" },
    { "an include from the root", "@include \"/dev/null\"\n",
      "1: @include \"/dev/null\": only names relative to the main file can be "
      "included" },
    { "an include of a folder", "@include \".\"\n",
      "1: @include \".\": it is a folder" },
};

static const struct bad_config whole[] = {
    { "no source", "interval = \"60s\";", "1: source is missing" },
    { "an unknown key", DIRECTORY "intervall = \"60s\";",
      "2: intervall: unknown key" },
    { "an unknown key whose value must not be shown",
      DIRECTORY "client_secret = \"hunter2\";",
      "2: client_secret: unknown key; a secret is never written here, name "
      "the file that holds it" },
    { "a number as duration", DIRECTORY "interval = 60;",
      "2: interval: 60 is an integer, not a duration in quotes" },
    { "a boolean as duration", DIRECTORY "max_age = true;",
      "2: max_age: true is a boolean, not a duration in quotes" },
    { "a group as duration", DIRECTORY "max_age = { };",
      "2: max_age: { ... } is a group, not a duration in quotes" },
    { "a duration without unit", DIRECTORY "interval = \"60\";",
      "2: interval: \"60\" is no duration, write it like \"30s\", \"5m\" or "
      "\"1h30m\"" },
    { "a duration with units the wrong way", DIRECTORY "interval = \"30s1h\";",
      "2: interval: \"30s1h\" is no duration, write it like \"30s\", \"5m\" "
      "or \"1h30m\"" },
    { "too short an interval", DIRECTORY "interval = \"4999ms\";",
      "2: interval: \"4999ms\" is too short, the least is 5s" },
    { "no age at all", DIRECTORY "max_age = \"0\";",
      "2: max_age: \"0\" is too short, the least is 1ms" },
    { "a value with a newline", DIRECTORY "interval = \"6\\n0s\";",
      "2: interval: \"6?0s\" is no duration, write it like \"30s\", \"5m\" or "
      "\"1h30m\"" },
    { "limits as list", DIRECTORY "limits = ( );",
      "2: limits: ( ... ) is a list, not a group" },
    { "a limit as word", DIRECTORY "limits = { flows = \"many\"; };",
      "2: flows: \"many\" is a string, not an integer" },
    { "a limit as fraction", DIRECTORY "limits = { flows = 1.5; };",
      "2: flows: 1.5 is a float, not an integer" },
    { "a limit of no flows", DIRECTORY "limits = { flows = 0; };",
      "2: flows: 0 is not in 1..1000000" },
    { "a short limit of labels", DIRECTORY "limits = { label_length = 0; };",
      "2: label_length: 0 is not in 1..65536" },
    { "an unknown limit", DIRECTORY "limits = { flow = 1; };",
      "2: flow: unknown key in limits" },
    { "a switch as word", DIRECTORY "metrics = { changes = \"off\"; };",
      "2: changes: \"off\" is a string, not a boolean" },
    { "an unknown switch", DIRECTORY "metrics = { change = false; };",
      "2: change: unknown key in metrics" },
};

static const struct bad_config sources[] = {
    { "no kind", "source = { };", "1: kind is missing in source" },
    { "an unknown kind", "source = { kind = \"aws\"; };",
      "1: kind: \"aws\" is not \"azure\" or \"directory\"" },
    { "a folder without path", "source = { kind = \"directory\"; };",
      "1: path is missing in source" },
    { "an empty path", "source = { kind = \"directory\"; path = \"\"; };",
      "1: path is empty" },
    { "a folder with subscriptions",
      "source = { kind = \"directory\"; path = \"x\";\n" SUBSCRIPTIONS "};",
      "2: subscriptions does not go with kind \"directory\"" },
    { "a folder with a credential",
      "source = { kind = \"directory\"; path = \"x\"; " MANAGED "};",
      "1: credential does not go with kind \"directory\"" },
    { "azure with a path", AZURE("path = \"x\";"),
      "1: path does not go with kind \"azure\"" },
    { "no subscriptions", "source = { kind = \"azure\"; " MANAGED "};",
      "1: subscriptions is missing in source" },
    { "an empty list of them",
      "source = { kind = \"azure\"; " MANAGED "subscriptions = ( ); };",
      "1: subscriptions: the list is empty" },
    { "a subscription as word",
      "source = { kind = \"azure\"; " MANAGED "subscriptions = ( \"" ID
      "\" ); };",
      "1: subscriptions: entry 1 is not a group" },
    { "an id that is no GUID",
      "source = { kind = \"azure\"; " MANAGED
      "subscriptions = ( { id = \"0000\"; } ); };",
      "1: id: \"0000\" is no GUID" },
    { "a subscription twice",
      "source = { kind = \"azure\"; " MANAGED "subscriptions = (\n"
      "{ id = \"" ID "\"; alias = \"a\"; },\n{ id = \"" ID "\"; } ); };",
      "3: id: \"" ID "\" is there twice" },
    { "an alias twice",
      "source = { kind = \"azure\"; " MANAGED "subscriptions = (\n"
      "{ id = \"" ID "\"; alias = \"a\"; },\n"
      "{ id = \"00000000-0000-0000-0000-000000000001\"; alias = \"a\"; } ); "
      "};",
      "3: alias: \"a\" is there twice" },
    { "no credential", "source = { kind = \"azure\"; " SUBSCRIPTIONS "};",
      "1: credential is missing in source" },
    { "an unknown cloud", AZURE("cloud = \"AzureGermany\";"),
      "1: cloud: \"AzureGermany\" is not \"AzurePublic\", "
      "\"AzureUSGovernment\", \"AzureChina\" or \"custom\"" },
    { "an endpoint of a known cloud",
      AZURE("arm_endpoint = \"https://arm.example\";"),
      "1: arm_endpoint needs cloud = \"custom\"" },
    { "a custom cloud without authority",
      AZURE("cloud = \"custom\"; arm_endpoint = \"https://arm.example\"; "
            "audience = \"x\";"),
      "1: authority is missing in source" },
    { "plain http to another machine", CUSTOM("http://192.0.2.1"),
      "1: arm_endpoint: \"http://192.0.2.1\" is plain http, which is only for "
      "loopback addresses" },
    { "plain http to a name that begins like one",
      CUSTOM("http://127.0.0.1.example"),
      "1: arm_endpoint: \"http://127.0.0.1.example\" is plain http, which is "
      "only for loopback addresses" },
    { "another scheme", CUSTOM("ftp://arm.example"),
      "1: arm_endpoint: \"ftp://arm.example\" does not begin with https://" },
    { "a password in an address", CUSTOM("https://me:hunter2@arm.example"),
      "1: arm_endpoint: \"https://...@arm.example\" names a user" },
    { "a query in an address", CUSTOM("https://arm.example/?a=b"),
      "1: arm_endpoint: \"https://arm.example/?a=b\" has a query, a fragment "
      "or a blank" },
    { "a bad port in an address", CUSTOM("https://arm.example:99999"),
      "1: arm_endpoint: \"https://arm.example:99999\" has no host, or a bad "
      "port" },
    { "too short a timeout", AZURE("request_timeout = \"0ms\";"),
      "1: request_timeout: \"0ms\" is too short, the least is 1ms" },
    { "admin rules as boolean", AZURE("admin_rules = false;"),
      "1: admin_rules: false is a boolean, not a string" },
    { "admin rules of another kind", AZURE("admin_rules = \"optional\";"),
      "1: admin_rules: \"optional\" is not \"required\" or \"off\"" },
    { "an unknown refresh", AZURE("refresh = { nsg = \"5m\"; };"),
      "1: nsg: unknown key in source.refresh" },
    { "too short a refresh", AZURE("refresh = { service_tags = \"0s\"; };"),
      "1: service_tags: \"0s\" is too short, the least is 1ms" },
};

static const struct bad_config credentials[] = {
    { "no kind", CREDENTIAL(""), "2: kind is missing in source.credential" },
    { "an unknown kind", CREDENTIAL("kind = \"password\";"),
      "2: kind: \"password\" is not \"client_secret\", "
      "\"client_certificate\", \"workload_identity\", \"managed_identity\", "
      "\"azure_cli\" or \"environment\"" },
    { "a secret itself",
      CREDENTIAL("kind = \"client_secret\"; tenant_id = \"t\"; client_id = "
                 "\"c\"; secret_file = \"s\"; secret = \"hunter2\";"),
      "2: secret: unknown key; a secret is never written here, name the file "
      "that holds it" },
    { "a secret in place of its file",
      CREDENTIAL("kind = \"client_secret\"; tenant_id = \"t\"; client_id = "
                 "\"c\"; secret_file = \"Zx8Q~hunter2hunter2hunter2\";"),
      "2: secret_file: the value looks like a secret, not like the name of a "
      "file; a secret is never written here" },
    { "a secret of the wrong type",
      CREDENTIAL("kind = \"client_secret\"; tenant_id = \"t\"; client_id = "
                 "\"c\"; secret_file = 271828;"),
      "2: secret_file: the value is an integer, not a path in quotes" },
    { "a token in place of its file",
      CREDENTIAL("kind = \"workload_identity\"; token_file = \"eyJh.x.y\";"),
      "2: token_file: the value looks like a secret, not like the name of a "
      "file; a secret is never written here" },
    { "no secret file",
      CREDENTIAL("kind = \"client_secret\"; tenant_id = \"t\"; client_id = "
                 "\"c\";"),
      "2: secret_file is missing in source.credential" },
    { "no tenant",
      CREDENTIAL("kind = \"client_secret\"; client_id = \"c\"; secret_file = "
                 "\"s\";"),
      "2: tenant_id is missing in source.credential" },
    { "an empty client",
      CREDENTIAL("kind = \"client_secret\"; tenant_id = \"t\"; client_id = "
                 "\"\"; secret_file = \"s\";"),
      "2: client_id is empty" },
    { "no certificate",
      CREDENTIAL("kind = \"client_certificate\"; tenant_id = \"t\"; client_id "
                 "= \"c\";"),
      "2: certificate_file is missing in source.credential" },
    { "a bad algorithm",
      CREDENTIAL("kind = \"client_certificate\"; tenant_id = \"t\"; client_id "
                 "= \"c\"; certificate_file = \"f\"; algorithm = \"HS256\";"),
      "2: algorithm: \"HS256\" is not \"PS256\" or \"RS256\"" },
    { "a key of another kind",
      CREDENTIAL("kind = \"managed_identity\"; token_file = \"t\";"),
      "2: token_file does not go with the credential \"managed_identity\"" },
    { "an identity named twice",
      CREDENTIAL("kind = \"managed_identity\"; client_id = \"c\"; object_id = "
                 "\"o\";"),
      "2: object_id: \"o\" beside client_id, give one" },
    { "a key that the environment gives",
      CREDENTIAL("kind = \"environment\"; tenant_id = \"t\";"),
      "2: tenant_id does not go with the credential \"environment\"" },
};

static const struct bad_config networks[] = {
    { "an unknown key", DIRECTORY "network = { internet = [ ]; };",
      "2: internet: unknown key in network" },
    { "an unknown empty_asg", DIRECTORY "network = { empty_asg = \"all\"; };",
      "2: empty_asg: \"all\" is not \"ignore\" or \"no_match\"" },
    { "a bad prefix",
      DIRECTORY "network = { internet_excludes = [ \"10.0.0.0/33\" ]; };",
      "2: internet_excludes: \"10.0.0.0/33\" is no address or CIDR" },
    { "an IPv6 prefix of the Internet",
      DIRECTORY "network = { internet_excludes = [ \"2001:db8::/32\" ]; };",
      "2: internet_excludes: \"2001:db8::/32\" is not IPv4; the IPv6 part of "
      "the tag Internet is 2000::/3" },
    { "a number as prefix",
      DIRECTORY "network = { internet_excludes = [ 10 ]; };",
      "2: internet_excludes: 10 is an integer, not a string" },
    { "prefixes as word",
      DIRECTORY "network = { internet_excludes = \"10.0.0.0/8\"; };",
      "2: internet_excludes: \"10.0.0.0/8\" is a string, not a list of "
      "prefixes" },
    { "on-premises without network",
      DIRECTORY "network = { on_premises = ( { prefixes = [ ]; } ); };",
      "2: virtual_network is missing in network.on_premises" },
    { "on-premises without prefixes",
      DIRECTORY
      "network = { on_premises = ( { virtual_network = \"v\"; } ); };",
      "2: prefixes is missing in network.on_premises" },
    { "a network twice",
      DIRECTORY "network = { on_premises = (\n"
                "{ virtual_network = \"v\"; prefixes = [ ]; },\n"
                "{ virtual_network = \"V\"; prefixes = [ ]; } ); };",
      "4: virtual_network: \"V\" is there twice" },
    { "on-premises as words",
      DIRECTORY "network = { on_premises = ( \"10.0.0.0/8\" ); };",
      "2: on_premises: entry 1 is not a group" },
};

static void
test_what_libconfig_cannot_read_is_refused(void **state)
{
    bad_configs_check(*state, syntax, COUNT_OF(syntax));
}

static void
test_top_level_values_are_checked(void **state)
{
    bad_configs_check(*state, whole, COUNT_OF(whole));
}

static void
test_sources_are_checked(void **state)
{
    bad_configs_check(*state, sources, COUNT_OF(sources));
}

static void
test_credentials_are_checked(void **state)
{
    bad_configs_check(*state, credentials, COUNT_OF(credentials));
}

static void
test_network_is_checked(void **state)
{
    bad_configs_check(*state, networks, COUNT_OF(networks));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_what_libconfig_cannot_read_is_refused, folder_setup,
            folder_teardown),
        cmocka_unit_test_setup_teardown(test_top_level_values_are_checked,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_sources_are_checked, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_credentials_are_checked,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_network_is_checked, folder_setup,
                                        folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
