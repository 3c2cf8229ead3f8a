/* flowverify_exporter: the daemon. */

#include <stdio.h>

#include "engine/base/error.h"
#include "exporter/daemon.h"
#include "exporter/options.h"

int
main(int argc, char *argv[])
{
    struct daemon_options options = { 0 };
    struct error error;
    int code;

    if (!daemon_parse(argc, argv, &options, &error)) {
        (void) fprintf(stderr,
                       "flowverify_exporter: %s; --help lists the flags\n",
                       error.message);
        code = DAEMON_EXIT_USAGE;
    } else if (options.help) {
        code = (int) daemon_help();
    } else if (options.version) {
        code = (int) daemon_version();
    } else if (options.config_check) {
        code = (int) daemon_check_config(&options);
    } else {
        code = (int) daemon_run(&options);
    }
    options_clear(&daemon_flags, &options);
    return code;
}
