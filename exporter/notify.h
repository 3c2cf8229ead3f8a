/* Telling systemd how the daemon is doing (sd_notify), by the plain protocol:
 * one datagram to $NOTIFY_SOCKET.  Without that variable nothing is sent. */

#ifndef EXPORTER_NOTIFY_H
#define EXPORTER_NOTIFY_H

#include <stdbool.h>

void notify_ready(const char *status);
void notify_status(const char *status);
void notify_reloading(void);
void notify_stopping(void);

/* Feeds the watchdog.  It is to be called more often than $WATCHDOG_USEC. */
void notify_watchdog(void);

#endif
