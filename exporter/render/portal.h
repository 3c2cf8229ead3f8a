/* Links to the portal of the cloud that is watched. */

#ifndef EXPORTER_RENDER_PORTAL_H
#define EXPORTER_RENDER_PORTAL_H

struct config;
struct policy_rule;
struct text;

/* Appends the portal's page of the group or network manager that owns 'rule',
 * or nothing: default rules have no link. */
void portal_append_url(struct text *out, const struct config *config,
                       const struct policy_rule *rule);

#endif
