// Validates the Kubernetes objects on standard input: by the schemas of
// kubernetes-models, and against fields that no schema knows in pod specs.
import yaml from 'js-yaml';
import { readFileSync } from 'node:fs';

const podFields = new Set(['serviceAccountName', 'automountServiceAccountToken', 'terminationGracePeriodSeconds',
  'imagePullSecrets', 'priorityClassName', 'securityContext', 'containers', 'volumes', 'nodeSelector', 'tolerations',
  'affinity', 'topologySpreadConstraints']);
let n = 0;
for (const object of yaml.loadAll(readFileSync(0, 'utf8'))) {
  if (!object) continue;
  const family = object.apiVersion.startsWith('monitoring.coreos.com')
    ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  const models = await import(`${family}/${object.apiVersion}/${object.kind}`);
  new models[object.kind](object).validate();
  const pod = object.spec?.template?.spec;
  for (const field of Object.keys(pod ?? {})) {
    if (!podFields.has(field)) throw new Error(`${object.kind}: unknown field ${field} in the pod`);
  }
  n++;
}
if (!n) throw new Error('nothing was rendered');
